#include "pipeline/loss_document.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <string>

namespace acta {
namespace {

using enum FieldId;

constexpr std::string_view kDataset = "actabeat.lost";

std::string range_text(const SerialRange& range) {
  return range.first == range.last ? fmt::format("{}", range.first) : fmt::format("{}-{}", range.first, range.last);
}

std::string message_of(const Loss& loss, std::string_view input) {
  const std::string_view what = is_of_documents(loss.reason) ? "documents" : "records";
  std::string text;
  if (!loss.at_least) {
    text = fmt::format("{} {} are lost", loss.count, what);
  } else if (loss.count > 0) {
    text = fmt::format("At least {} {} are lost", loss.count, what);
  } else {
    text = fmt::format("An unknown number of {} is lost", what);
  }
  if (!input.empty()) text += fmt::format(" from input {}", input);
  if (!loss.output.empty()) text += fmt::format(" to output {}", loss.output);
  text += fmt::format(": {}", sentence_of(loss.reason));
  return loss.place.empty() ? text + "." : fmt::format("{} ({}).", text, loss.place);
}

std::string id_of(const Services& services, const Loss& loss, std::string_view input, Nanos to) {
  std::string facts = fmt::format("{}|{}|{}|{}|{}", input, loss.output, loss.place, loss.count, loss.at_least);
  if (loss.place.empty()) facts += fmt::format("|{}|{}", loss.from, to);
  for (const SerialRange& range : loss.serials) facts.append("|").append(range_text(range));
  return fmt::format("{}:lost:{}:{:016x}", services.host_id, word_of(loss.reason),
                     XXH3_64bits(facts.data(), facts.size()));
}

void write_size(const Loss& loss, Event& out) {
  const auto count = static_cast<int64_t>(loss.count);
  out.set(is_of_documents(loss.reason) ? kActabeatLostDocuments : kActabeatLostRecords, count);
  if (loss.at_least) out.set(kActabeatLostAtLeast, true);
  if (loss.serials.empty()) return;
  uint64_t last = 0;
  for (const SerialRange& range : loss.serials) {
    out.add(kActabeatLostSequences, range_text(range));
    last = std::max(last, range.last);
  }
  out.set(kActabeatLostFirstSequence, static_cast<int64_t>(loss.serials.front().first));
  out.set(kActabeatLostLastSequence, static_cast<int64_t>(last));
}

}  // namespace

void write_loss(const Services& services, const Loss& loss, std::string_view input, Nanos now, Event& out) {
  out.clear();
  if (services.parts != nullptr) out.set_constant(services.parts->own());
  const Nanos to = loss.to != 0 ? loss.to : now;
  out.set_time(kTimestamp, to);
  out.set_time(kEventCreated, now);
  out.set_time(kEventStart, loss.from != 0 ? loss.from : to);
  out.set_time(kEventEnd, to);
  out.set_view(kEventKind, "event");
  out.add_view(kEventType, "info");
  out.set_view(kEventModule, "actabeat");
  out.set_view(kEventDataset, kDataset);
  out.set_view(kEventAction, "events-lost");
  out.set_view(kEventReason, word_of(loss.reason));
  out.set(kEventId, id_of(services, loss, input, to));
  out.set(kMessage, message_of(loss, input));
  if (!input.empty()) out.set(kActabeatInput, input);
  if (!loss.output.empty()) out.set(kActabeatLostOutput, loss.output);
  write_size(loss, out);
}

}  // namespace acta
