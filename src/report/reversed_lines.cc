#include "report/reversed_lines.h"

#include <cstdint>
#include <cstring>

namespace acta::report {
namespace {

void append_size(size_t size, std::string& out) {
  const uint64_t value = size;
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof bytes);
}

uint64_t size_before(std::string_view end) {
  uint64_t value = 0;
  std::memcpy(&value, end.data() + end.size() - sizeof value, sizeof value);
  return value;
}

}  // namespace

void ReversedLines::add(std::string_view line) {
  block_.append(line);
  append_size(line.size(), block_);
  if (block_.size() >= kMemoryBytesMax) spill();
}

void ReversedLines::spill() {
  const size_t size = block_.size();
  append_size(size, block_);
  if (!spilled_) spilled_.reset(std::tmpfile());
  failed_ = failed_ || !spilled_ || std::fwrite(block_.data(), 1, block_.size(), spilled_.get()) != block_.size();
  block_.clear();
}

bool ReversedLines::give_back(std::string_view block, const std::function<void(std::string_view)>& give) {
  while (block.size() >= sizeof(uint64_t)) {
    const uint64_t size = size_before(block);
    block.remove_suffix(sizeof(uint64_t));
    if (size > block.size()) return false;
    give(block.substr(block.size() - size));
    block.remove_suffix(size);
  }
  return block.empty();
}

Result<> ReversedLines::each(const std::function<void(std::string_view)>& give) {
  bool good = !failed_ && give_back(block_, give);
  long at = spilled_ ? std::fseek(spilled_.get(), 0, SEEK_END) == 0 ? std::ftell(spilled_.get()) : -1 : 0;
  good = good && at >= 0;
  constexpr auto kSize = static_cast<long>(sizeof(uint64_t));
  while (good && at >= kSize) {
    std::string bytes(sizeof(uint64_t), '\0');
    const auto read = [&](long from, std::string& into) {
      return std::fseek(spilled_.get(), from, SEEK_SET) == 0 &&
             std::fread(into.data(), 1, into.size(), spilled_.get()) == into.size();
    };
    good = read(at - kSize, bytes);
    const auto size = static_cast<long>(size_before(bytes));
    good = good && size >= 0 && size <= at - kSize;
    if (!good) break;
    std::string block(static_cast<size_t>(size), '\0');
    at -= kSize + size;
    good = read(at, block) && give_back(block, give);
  }
  if (good) return {};
  return fail(Errc::io, "cannot keep the lines in a temporary file: is there room in $TMPDIR?");
}

}  // namespace acta::report
