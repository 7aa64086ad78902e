#include "outputs/elasticsearch/bulk_reply.h"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <array>

namespace acta {
namespace {

// {"items":[{"create":{"_id":"…","status":400,"error":{"type":"…","reason":"…","caused_by":{"reason":"…"}}}}, …]}
//  1        2 3        4                              5                                6
enum Depth : unsigned { kRoot = 1, kItems, kAction, kItem, kError, kCause };

enum class Word : uint8_t { other, items, create, id, status, error, type, reason, caused_by };

Word word_of(std::string_view name) {
  struct Row {
    std::string_view name;
    Word word;
  };
  constexpr std::array<Row, 8> kRows{{{"items", Word::items},
                                      {"create", Word::create},
                                      {"_id", Word::id},
                                      {"status", Word::status},
                                      {"error", Word::error},
                                      {"type", Word::type},
                                      {"reason", Word::reason},
                                      {"caused_by", Word::caused_by}}};
  for (const Row& row : kRows) {
    if (row.name == name) return row.word;
  }
  return Word::other;
}

/// Takes the events of the parser. A server may answer more than filter_path asks for, and nest it as it likes.
class Handler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Handler> {
 public:
  explicit Handler(BulkReplySink& sink) : sink_(sink) {}

  [[nodiscard]] std::string_view mismatch() const { return mismatch_; }
  [[nodiscard]] bool saw_items() const { return saw_items_; }

  // NOLINTBEGIN(readability-identifier-naming): the names are RapidJSON's
  bool Default() { return true; }
  bool Int(int) { return true; }
  bool Uint(unsigned value) {
    if (depth_ == kItem && inside_ && path_[kItem] == Word::status) item_.status = static_cast<int>(value);
    return true;
  }
  bool String(const char* text, rapidjson::SizeType size, bool) { return string({text, size}); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    if (depth_ < path_.size()) path_[depth_] = word_of({text, size});
    return true;
  }
  bool StartObject() { return open(false); }
  bool EndObject(rapidjson::SizeType) {
    if (depth_ == kItem && inside_ && !end_item()) return false;
    return close();
  }
  bool StartArray() { return open(true); }
  bool EndArray(rapidjson::SizeType) { return close(); }
  // NOLINTEND(readability-identifier-naming)

 private:
  bool wrong(std::string_view what) {
    mismatch_ = what;
    return false;
  }

  bool open(bool array) {
    ++depth_;
    if (depth_ == kItems && array && path_[kRoot] == Word::items) inside_ = saw_items_ = true;
    if (depth_ < path_.size()) path_[depth_] = Word::other;
    if (!inside_ || depth_ != kItem) return true;
    item_ = {};
    has_id_ = false;
    return path_[kAction] == Word::create || wrong("an item is not of a create");
  }

  bool close() {
    if (depth_ == kItems) inside_ = false;
    --depth_;
    return true;
  }

  bool string(std::string_view text) {
    if (!inside_) return true;
    if (depth_ == kItem && path_[kItem] == Word::id) {
      has_id_ = true;
      return sink_.expect(text) || wrong("it is of other documents");
    }
    if (path_[kItem] != Word::error) return true;
    if (depth_ == kError && path_[kError] == Word::type) item_.type = text;
    if (depth_ == kError && path_[kError] == Word::reason) item_.reason = text;
    if (depth_ == kCause && path_[kError] == Word::caused_by && path_[kCause] == Word::reason) item_.cause = text;
    return true;
  }

  bool end_item() {
    if (!has_id_) return wrong("an item has no _id");
    if (item_.status == 0) return wrong("an item has no status");
    sink_.item(std::move(item_));
    return true;
  }

  BulkReplySink& sink_;
  unsigned depth_ = 0;
  std::array<Word, kCause + 1> path_{};  // the key that was read last, at each depth
  bool inside_ = false;
  bool saw_items_ = false;
  bool has_id_ = false;
  BulkItem item_;
  std::string_view mismatch_;
};

}  // namespace

Result<> read_bulk_reply(const ReadPiece& read, BulkReplySink& sink) {
  JsonPieces pieces(read);
  Handler handler(sink);
  rapidjson::Reader reader;
  // Without recursion, so that depth costs a server's memory, not our stack.
  const rapidjson::ParseResult parsed = reader.Parse<rapidjson::kParseIterativeFlag>(pieces, handler);
  if (auto finished = pieces.finish(); !finished) return finished;
  if (!handler.mismatch().empty()) {
    return fail(Errc::corrupt, fmt::format("the reply is no reply to this request: {}", handler.mismatch()));
  }
  if (parsed.IsError()) {
    return fail(Errc::corrupt, fmt::format("the reply is not JSON: {} at byte {}",
                                           rapidjson::GetParseError_En(parsed.Code()), parsed.Offset()));
  }
  if (!handler.saw_items()) return fail(Errc::corrupt, "the reply has no items");
  return {};
}

}  // namespace acta
