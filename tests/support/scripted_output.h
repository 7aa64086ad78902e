#pragma once
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "outputs/output.h"

namespace acta::test {

/// An output that answers as told and remembers what it was sent. `answer` decides each attempt; the default accepts
/// all.
class ScriptedOutput final : public Output {
 public:
  using Answer = std::function<Attempt(const std::vector<std::string>& documents)>;

  Answer answer;
  std::deque<Result<>> connects;               ///< answers of connect(), then success
  std::deque<Result<>> ticks;                  ///< answers of tick(), then success
  std::vector<std::vector<std::string>> sent;  ///< documents of each attempt
  std::vector<std::string> accepted;           ///< in the order of acceptance
  std::vector<Nanos> deadlines;
  int connected = 0;
  int ticked = 0;
  int closed = 0;

  Result<> connect() override {
    ++connected;
    return take(connects);
  }

  Attempt send(Docs docs, Nanos deadline) override {
    std::vector<std::string> documents;
    for (const Doc& doc : docs) documents.emplace_back(doc.json);
    Attempt attempt = answer ? answer(documents) : Attempt::all(Fate::accepted, documents.size());
    for (size_t i = 0; i < attempt.fate.size() && !attempt.too_large; ++i) {
      if (attempt.fate[i] == Fate::accepted) accepted.push_back(documents[i]);
    }
    sent.push_back(std::move(documents));
    deadlines.push_back(deadline);
    return attempt;
  }

  Result<> tick(Nanos) override {
    ++ticked;
    return take(ticks);
  }

  Result<> close() override {
    ++closed;
    return {};
  }

 private:
  static Result<> take(std::deque<Result<>>& answers) {
    if (answers.empty()) return {};
    Result<> answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }
};

}  // namespace acta::test
