#include "inputs/kafka/message_reader.h"

#include <fmt/format.h>
#include <fnmatch.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <memory>

#include "base/check.h"
#include "event/encoder.h"

namespace acta {
namespace {

constexpr Nanos kSecondsMax = INT64_MAX / kSecond - 24 * 3600;  // the year 2262
constexpr size_t kIdBytes = 16;                                 // of the hash that an id is made of

enum Field : size_t { kTime, kId, kStream, kDataset, kHost, kAgentType, kLaurelId };

std::vector<std::string> field_names() {
  return {"@timestamp", "event.id", "data_stream.dataset", "event.dataset", "host.id", "agent.type", "ID"};
}

/// Digits of exactly that length at the start of `text`, taken away.
std::optional<int> take_number(std::string_view& text, size_t digits) {
  int number = 0;
  if (text.size() < digits) return std::nullopt;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + digits, number);
  if (bad != std::errc{} || end != text.data() + digits || text.front() == '-') return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// A fraction of a second after its point.
Nanos take_fraction(std::string_view& text) {
  Nanos fraction = 0;
  for (Nanos unit = kSecond / 10; !text.empty() && text.front() >= '0' && text.front() <= '9'; unit /= 10) {
    fraction += (text.front() - '0') * unit;
    text.remove_prefix(1);
  }
  return fraction;
}

/// RFC 3339 as Beats and we write it: 2026-11-26T04:25:00.123Z, or with an offset. Nothing for all else.
std::optional<Nanos> parse_time(std::string_view text) {
  tm parts{};
  const auto part = [&](int& into, size_t digits, std::string_view before, int less) {
    if (!before.empty() && !take(text, before)) return false;
    const auto number = take_number(text, digits);
    if (number) into = *number - less;
    return number.has_value();
  };
  if (!part(parts.tm_year, 4, "", 1900) || !part(parts.tm_mon, 2, "-", 1) || !part(parts.tm_mday, 2, "-", 0) ||
      !part(parts.tm_hour, 2, "Tt ", 0) || !part(parts.tm_min, 2, ":", 0) || !part(parts.tm_sec, 2, ":", 0))
    return std::nullopt;
  const Nanos fraction = take(text, ".") ? take_fraction(text) : 0;
  Nanos ahead = 0;
  if (!take(text, "Zz")) {
    const bool minus = text.starts_with('-');
    int hours = 0, minutes = 0;
    if (!part(hours, 2, "+-", 0) || !part(minutes, 2, text.starts_with(':') ? ":" : "", 0)) return std::nullopt;
    ahead = (hours * 60 + minutes) * 60 * kSecond * (minus ? -1 : 1);
  }
  const Nanos seconds = ::timegm(&parts);
  if (!text.empty() || seconds < -kSecondsMax || seconds > kSecondsMax) return std::nullopt;
  return seconds * kSecond + fraction - ahead;
}

/// laurel's ID: the audit event's, "1615114232.375:15558".
std::optional<Nanos> laurel_time(std::string_view id) {
  Nanos seconds = 0;
  const auto [end, bad] = std::from_chars(id.data(), id.data() + id.size(), seconds);
  if (bad != std::errc{} || seconds <= 0 || seconds > kSecondsMax) return std::nullopt;
  id.remove_prefix(static_cast<size_t>(end - id.data()));
  if (!take(id, ".")) return std::nullopt;
  const Nanos fraction = take_fraction(id);
  return id.starts_with(':') ? std::optional<Nanos>(seconds * kSecond + fraction) : std::nullopt;
}

bool is_line_end(char c) {
  return c == '\n' || c == '\r';
}

}  // namespace

MessageReader::MessageReader(Options options) : options_(std::move(options)), fields_(field_names()) {}

bool MessageReader::allows(std::string_view dataset) const {
  const std::string name(dataset);
  return std::any_of(options_.allowed_datasets.begin(), options_.allowed_datasets.end(),
                     [&](const std::string& pattern) { return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0; });
}

FinishedDocument MessageReader::read(const KafkaRecord& record, std::string_view cluster_id) {
  FinishedDocument document;
  document.json = record.value;
  document.meta.timestamp = record.timestamp;
  document.meta.key = record.key;
  document.meta.id = record.id;
  if (auto read = fields_.read(record.value); !read) {
    if (record.id.empty()) document.meta.id = make_id(record, cluster_id);
    refusal_ = record.value.empty() ? "has no value" : "is " + read.error().what;
    document.refusal = refusal_;
    return document;
  }
  if (record.id.empty()) {
    const auto own = fields_[kAgentType] == "actabeat" ? fields_[kId] : std::nullopt;
    document.meta.id = own ? *own : make_id(record, cluster_id);
  }
  document.meta.key = fields_[kHost].value_or(record.key);
  document.meta.dataset = choose_dataset(record, document);
  if (!document.refusal.empty()) return document;
  if (std::any_of(document.json.begin(), document.json.end(), is_line_end)) {
    // Between two values only: in a string they cannot stand.
    json_.assign(document.json);
    std::replace_if(json_.begin(), json_.end(), is_line_end, ' ');
    document.json = json_;
  }
  document.meta.timestamp = choose_time(record, document);
  return document;
}

std::string_view MessageReader::choose_dataset(const KafkaRecord& record, FinishedDocument& document) {
  const std::string_view named = record.dataset.empty() ? fields_[kStream].value_or("") : record.dataset;
  if (named.empty()) {
    const std::string_view dataset = fields_[kDataset].value_or("");
    return allows(dataset) ? dataset : std::string_view(options_.other_dataset);
  }
  if (!allows(named)) {
    refusal_ = fmt::format("names the stream '{}', which allowed_datasets does not have", named);
    document.refusal = refusal_;
  }
  return named;
}

std::string_view MessageReader::make_id(const KafkaRecord& record, std::string_view cluster_id) {
  const std::string place = fmt::format("{}\n{}\n{}\n{}\n{}\n", cluster_id, record.topic, record.partition,
                                        record.offset, record.timestamp / kMillisecond);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  CHECK(hash != nullptr && EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) == 1 &&
        EVP_DigestUpdate(hash.get(), place.data(), place.size()) == 1 &&
        EVP_DigestUpdate(hash.get(), record.value.data(), record.value.size()) == 1 &&
        EVP_DigestFinal_ex(hash.get(), digest.data(), nullptr) == 1);
  id_ = "kafka-";
  for (size_t i = 0; i < kIdBytes; ++i) id_ += fmt::format("{:02x}", digest[i]);
  return id_;
}

Nanos MessageReader::choose_time(const KafkaRecord& record, FinishedDocument& document) {
  if (const auto written = fields_[kTime]) return parse_time(*written).value_or(record.timestamp);
  const Nanos time = laurel_time(fields_[kLaurelId].value_or("")).value_or(record.timestamp);
  const size_t brace = document.json.find('{');
  const std::string_view rest = document.json.substr(brace + 1);
  const bool empty = rest[rest.find_first_not_of(" \t\r\n")] == '}';
  std::string with_time = R"({"@timestamp":")";
  append_iso_time(time, with_time);
  with_time.append(empty ? "\"" : "\",").append(rest);
  json_ = std::move(with_time);
  document.json = json_;
  return time;
}

}  // namespace acta
