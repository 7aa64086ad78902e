#pragma once
#include <memory>

#include "config/condition_spec.h"
#include "processors/processor.h"

namespace acta {

/// A `when:` condition ready to be asked: fields looked up, patterns compiled (RE2: linear time), networks parsed. Of a
/// field with several values, one that fits is enough. A field that is missing fits nothing. Immutable; one thread
/// (pipeline).
class Condition {
 public:
  /// Fails, beginning with where the condition stands in the file, for an unknown field, a pattern or a network that is
  /// none.
  static Result<Condition> compile(const ConditionSpec& spec);
  ~Condition();
  Condition(Condition&&) noexcept;
  Condition& operator=(Condition&&) noexcept;

  [[nodiscard]] bool matches(const Event& event) const;

 private:
  struct Step;
  explicit Condition(std::unique_ptr<Step> root);
  std::unique_ptr<Step> root_;
};

/// A processor that sees only the events that fit its condition; the others are kept as they are.
class ConditionalProcessor final : public Processor {
 public:
  ConditionalProcessor(Condition condition, std::unique_ptr<Processor> processor)
      : condition_(std::move(condition)), processor_(std::move(processor)) {}
  Verdict process(Event& event) override {
    return condition_.matches(event) ? processor_->process(event) : Verdict::keep;
  }

 private:
  Condition condition_;
  std::unique_ptr<Processor> processor_;
};

}  // namespace acta
