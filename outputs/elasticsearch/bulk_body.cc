#include "outputs/elasticsearch/bulk_body.h"

#include <algorithm>

#include "event/encoder.h"

namespace acta {
namespace {

constexpr size_t kPassOnBytes = 128u << 10;  // what is compressed at a time: stays in the cache

/// Ids of ours are plain; those of documents from elsewhere may be anything.
bool is_plain(std::string_view text) {
  for (const char c : text) {
    if (c < ' ' || c == '"' || c == '\\' || c == '\x7f') return false;
  }
  return true;
}

void append_string(std::string_view text, std::string& out) {
  if (!is_plain(text)) return append_json_string(text, out);
  out.push_back('"');
  out.append(text);
  out.push_back('"');
}

}  // namespace

void BulkBody::clear(Compression compression) {
  compression_ = compression;
  compressor_.reset();
  plain_.clear();
  packed_.clear();
  result_ = {};
}

void BulkBody::add(std::string_view index, std::string_view id, std::string_view json) {
  plain_.append("{\"create\":{\"_index\":");
  append_string(index, plain_);
  if (!id.empty()) {
    plain_.append(",\"_id\":");
    append_string(id, plain_);
  }
  plain_.append("}}\n");
  const auto at = static_cast<ptrdiff_t>(plain_.size());
  plain_.append(json);
  // Our own documents are lines; one from elsewhere may be pretty. A line end inside a string would be no JSON.
  if (json.find('\n') != std::string_view::npos) std::replace(plain_.begin() + at, plain_.end(), '\n', ' ');
  plain_.push_back('\n');
  if (compression_ != Compression::none && plain_.size() >= kPassOnBytes) pass_on(false);
}

void BulkBody::pass_on(bool last) {
  if (compressor_ == nullptr) compressor_ = Compressor::make(compression_);
  if (result_) result_ = compressor_->add(plain_, last, packed_);
  plain_.clear();
}

Result<std::string_view> BulkBody::finish() {
  if (compression_ == Compression::none) return plain_;
  pass_on(true);
  if (!result_) return tl::unexpected(result_.error());
  return packed_;
}

}  // namespace acta
