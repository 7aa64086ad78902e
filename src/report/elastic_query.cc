#include "report/elastic_query.h"

namespace acta::report {
namespace {

void write_text(JsonWriter& writer, std::string_view text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_terms(JsonWriter& writer, const std::string& field, const std::vector<std::string>& values) {
  writer.StartObject();
  writer.Key("terms");
  writer.StartObject();
  writer.Key(field.c_str());
  writer.StartArray();
  for (const std::string& value : values) write_text(writer, value);
  writer.EndArray();
  writer.EndObject();
  writer.EndObject();
}

void write_exists(JsonWriter& writer, const std::string& field) {
  writer.StartObject();
  writer.Key("exists");
  writer.StartObject();
  writer.Key("field");
  write_text(writer, field);
  writer.EndObject();
  writer.EndObject();
}

/// A range of milliseconds; `from` and `to` as far as they are given.
void write_range(JsonWriter& writer, const char* field, Nanos from, Nanos to) {
  writer.StartObject();
  writer.Key("range");
  writer.StartObject();
  writer.Key(field);
  writer.StartObject();
  writer.Key("format");
  writer.String("epoch_millis");
  if (from != INT64_MIN) {
    writer.Key("gte");
    writer.Int64(from / kMillisecond);
  }
  if (to != INT64_MAX) {
    writer.Key("lte");
    writer.Int64(to / kMillisecond);
  }
  writer.EndObject();
  writer.EndObject();
  writer.EndObject();
}

/// {"bool":{`kind`:[…]}} around what `write` writes.
template <class Write>
void write_bool(JsonWriter& writer, const char* kind, Write write) {
  writer.StartObject();
  writer.Key("bool");
  writer.StartObject();
  writer.Key(kind);
  writer.StartArray();
  write();
  writer.EndArray();
  writer.EndObject();
  writer.EndObject();
}

/// What came since then.
void write_since(JsonWriter& writer, Nanos since) {
  write_bool(writer, "should", [&] {
    write_range(writer, "event.ingested", since, INT64_MAX);
    write_bool(writer, "filter", [&] {
      write_bool(writer, "must_not", [&] { write_exists(writer, "event.ingested"); });
      write_range(writer, "@timestamp", since, INT64_MAX);
    });
  });
}

void write_counted(JsonWriter& writer, const Totals& totals) {
  write_bool(writer, "filter", [&] {
    for (const std::string& field : totals.needed) write_exists(writer, field);
    for (const auto& [field, value] : totals.unlike)
      write_bool(writer, "must_not", [&] { write_terms(writer, field, {value}); });
  });
}

/// Documents of the datasets within the period.
void write_events(JsonWriter& writer, const Wanted& wanted, Part part) {
  std::vector<std::string> datasets{wanted.dataset};
  if (!wanted.also.empty()) datasets.push_back(wanted.also);
  if (!wanted.dataset.empty()) write_terms(writer, "event.dataset", datasets);
  write_range(writer, "@timestamp", wanted.from, wanted.to);
  if (part == Part::counted) write_counted(writer, wanted.totals);
  if (part == Part::others) write_bool(writer, "must_not", [&] { write_counted(writer, wanted.totals); });
}

/// Losses that reach into the period.
void write_losses(JsonWriter& writer, const Wanted& wanted) {
  write_terms(writer, "event.dataset", {"actabeat.lost"});
  write_range(writer, "event.end", wanted.from, INT64_MAX);
  write_range(writer, "event.start", INT64_MIN, wanted.to);
}

}  // namespace

std::string elastic_query(const Wanted& wanted, Part part) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  write_bool(writer, "filter", [&] {
    write_bool(writer, "should", [&] {
      write_bool(writer, "filter", [&] { write_events(writer, wanted, part); });
      if (part != Part::counted) write_bool(writer, "filter", [&] { write_losses(writer, wanted); });
    });
    if (wanted.since != INT64_MIN) write_since(writer, wanted.since);
    if (wanted.hosts.empty()) return;
    write_bool(writer, "should", [&] {
      for (const char* field : {"host.name", "host.hostname", "host.id"}) write_terms(writer, field, wanted.hosts);
    });
  });
  return buffer.GetString();
}

std::string json_of(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  value.Accept(writer);
  return buffer.GetString();
}

}  // namespace acta::report
