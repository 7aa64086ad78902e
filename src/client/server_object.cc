#include "client/server_object.h"

#include <fmt/format.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <xxhash.h>

#include <algorithm>
#include <vector>

#include "client/elastic_settings.h"

namespace acta {
namespace {

using rapidjson::Document;
using rapidjson::Value;
using Kind = ServerObject::Kind;

constexpr int kDepthMax = 64;  // of what a server sends
constexpr std::string_view kMaker = "actabeat";
constexpr std::string_view kHashWords = ", content ";  // in a description: "Made by actabeat 0.1.0, content 0123…"
constexpr size_t kHashDigits = 16;

std::string_view view(const Value& text) {
  return {text.GetString(), text.GetStringLength()};
}

const Value* find(const Value* object, std::string_view key) {
  if (object == nullptr || !object->IsObject()) return nullptr;
  const auto found = object->FindMember(Value(key.data(), static_cast<rapidjson::SizeType>(key.size())));
  return found == object->MemberEnd() ? nullptr : &found->value;
}

/// Which members are content; the others are marks, dates and defaults of the server.
std::vector<std::string_view> content_keys(Kind kind) {
  switch (kind) {
    case Kind::component_template:
      return {"template"};
    case Kind::index_template:
      return {"index_patterns", "composed_of", "priority", "template"};
    case Kind::ilm_policy:
      return {"phases"};
    case Kind::ism_policy:
      return {"default_state", "states", "ism_template"};
    case Kind::pipeline:
      break;
  }
  return {"processors"};
}

/// Appends JSON with sorted keys and scalars as text ("1" for 1: servers keep settings as text), without `skipped`.
void append_canonical(const Value& value, int depth, std::string& out) {
  constexpr std::string_view kSkipped = "last_updated_time";
  if (depth > kDepthMax) {
    out += "too deep";
  } else if (value.IsObject()) {
    std::vector<const Value::Member*> members;
    for (const auto& member : value.GetObject()) {
      if (view(member.name) != kSkipped) members.push_back(&member);
    }
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return view(a->name) < view(b->name); });
    out += '{';
    for (const Value::Member* member : members) {
      out.append(view(member->name)) += ':';
      append_canonical(member->value, depth + 1, out);
      out += ',';
    }
    out += '}';
  } else if (value.IsArray()) {
    out += '[';
    for (const Value& item : value.GetArray()) {
      append_canonical(item, depth + 1, out);
      out += ',';
    }
    out += ']';
  } else if (value.IsString()) {
    out += view(value);
  } else {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    value.Accept(writer);
    out.append(buffer.GetString(), buffer.GetSize());
  }
}

std::string content_of(Kind kind, const Value& body) {
  std::string out;
  for (const std::string_view key : content_keys(kind)) {
    const Value* value = find(&body, key);
    if (value == nullptr) continue;
    out.append(key) += '=';
    append_canonical(*value, 0, out);
    out += '\n';
  }
  return out;
}

std::string hash_of(const std::string& content) {
  return fmt::format("{:016x}", XXH3_64bits(content.data(), content.size()));
}

bool has_meta(Kind kind) {
  return kind != Kind::ism_policy && kind != Kind::pipeline;
}

/// The hash that an object was marked with; empty when it has no mark of ours.
std::string marked_hash(Kind kind, const Value& body) {
  if (has_meta(kind)) {
    const Value* meta = find(&body, "_meta");
    const Value* maker = find(meta, "managed_by");
    const Value* hash = find(meta, "content_hash");
    const bool ours = maker != nullptr && maker->IsString() && view(*maker) == kMaker;
    return ours && hash != nullptr && hash->IsString() ? std::string(view(*hash)) : "";
  }
  const Value* description = find(&body, "description");
  if (description == nullptr || !description->IsString()) return "";
  const std::string_view text = view(*description);
  const size_t at = text.find(kHashWords);
  if (!text.starts_with(fmt::format("Made by {} ", kMaker)) || at == std::string_view::npos) return "";
  return std::string(text.substr(at + kHashWords.size(), kHashDigits));
}

/// The object in the server's answer to GET.
const Value* object_in(const ServerObject& wanted, const Document& answer) {
  const auto listed = [&](const char* list, const char* key) -> const Value* {
    const Value* all = find(&answer, list);
    if (all == nullptr || !all->IsArray() || all->Empty()) return nullptr;
    return find(&(*all)[0], key);
  };
  switch (wanted.kind) {
    case Kind::component_template:
      return listed("component_templates", "component_template");
    case Kind::index_template:
      return listed("index_templates", "index_template");
    case Kind::ilm_policy:
      return find(find(&answer, wanted.name), "policy");
    case Kind::ism_policy:
      return find(&answer, "policy");
    case Kind::pipeline:
      break;
  }
  return find(&answer, wanted.name);
}

bool parse(std::string_view text, Document& into) {
  into.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  return !into.HasParseError() && into.IsObject();
}

/// Policies stand below "policy" in a request; their content is compared without it.
const Value* inner(Kind kind, const Document& body) {
  return kind == Kind::ilm_policy || kind == Kind::ism_policy ? find(&body, "policy") : &body;
}

}  // namespace

std::string_view ServerObject::kind_name() const {
  switch (kind) {
    case Kind::component_template:
      return "component template";
    case Kind::index_template:
      return "index template";
    case Kind::ilm_policy:
      return "ILM policy";
    case Kind::ism_policy:
      return "ISM policy";
    case Kind::pipeline:
      break;
  }
  return "ingest pipeline";
}

std::string ServerObject::path() const {
  const std::string encoded = url_encoded(name);
  switch (kind) {
    case Kind::component_template:
      return "/_component_template/" + encoded;
    case Kind::index_template:
      return "/_index_template/" + encoded;
    case Kind::ilm_policy:
      return "/_ilm/policy/" + encoded;
    case Kind::ism_policy:
      return "/_plugins/_ism/policies/" + encoded;
    case Kind::pipeline:
      break;
  }
  return "/_ingest/pipeline/" + encoded;
}

ServerObject marked_object(Kind kind, std::string name, Document body) {
  auto& memory = body.GetAllocator();
  const bool wrapped = kind == Kind::ilm_policy || kind == Kind::ism_policy;
  Value& holder = wrapped ? body["policy"] : body;
  const std::string hash = hash_of(content_of(kind, holder));
  if (has_meta(kind)) {
    Value meta(rapidjson::kObjectType);
    meta.AddMember("managed_by", Value(kMaker.data(), static_cast<rapidjson::SizeType>(kMaker.size())), memory);
    meta.AddMember("version", ACTA_VERSION, memory);
    meta.AddMember("content_hash", Value(hash.c_str(), memory), memory);
    holder.AddMember("_meta", meta, memory);
  } else {
    const std::string words = fmt::format("Made by {} {}{}{}", kMaker, ACTA_VERSION, kHashWords, hash);
    holder.AddMember("description", Value(words.c_str(), memory), memory);
  }
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
  writer.SetIndent(' ', 2);
  writer.SetFormatOptions(rapidjson::kFormatSingleLineArray);
  body.Accept(writer);
  return {.kind = kind, .name = std::move(name), .body = buffer.GetString()};
}

std::optional<ObjectState> compare(const ServerObject& wanted, std::string_view answer) {
  Document now, body;
  if (!parse(answer, now) || !parse(wanted.body, body)) return std::nullopt;
  const Value* found = object_in(wanted, now);
  const Value* meant = inner(wanted.kind, body);
  if (found == nullptr || meant == nullptr) return std::nullopt;
  const std::string content = content_of(wanted.kind, *found);
  if (content == content_of(wanted.kind, *meant)) return ObjectState::same;
  const std::string mark = marked_hash(wanted.kind, *found);
  if (mark.empty()) return ObjectState::foreign;
  return mark == hash_of(content) ? ObjectState::outdated : ObjectState::changed;
}

std::string ism_condition(std::string_view answer) {
  Document now;
  if (!parse(answer, now)) return "";
  const Value* number = find(&now, "_seq_no");
  const Value* term = find(&now, "_primary_term");
  if (number == nullptr || term == nullptr || !number->IsInt64() || !term->IsInt64()) return "";
  return fmt::format("?if_seq_no={}&if_primary_term={}", number->GetInt64(), term->GetInt64());
}

}  // namespace acta
