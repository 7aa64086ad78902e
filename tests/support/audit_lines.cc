#include "support/audit_lines.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace acta::test {

std::string key_text(const audit::EventKey& key) {
  return fmt::format("{} {}.{:03}:{}", key.node, key.second, key.millisecond, key.serial);
}

audit::Assembler::Emit Assembling::keep() {
  return [this](const audit::AssembledEvent& event) {
    if (look) look(event);
    KeptEvent kept{key_text(event.key), {}, event.closed, event.provenance, event.read_at};
    for (const audit::Record& record : event.records) kept.lines.emplace_back(record.line);
    events.push_back(std::move(kept));
  };
}

bool Assembling::line(std::string_view text, uint16_t source) {
  const auto record = audit::parse_record(text);
  EXPECT_TRUE(record.has_value()) << text;
  if (!record) return false;
  RawItem item;
  item.source = source;
  item.begin = {1, offset_};
  offset_ += text.size() + 1;
  item.end = {1, offset_};
  item.bytes = text;
  const bool took = assembler.add(*record, item, static_cast<Nanos>(offset_), keep());
  ++(took ? taken : refused);
  return took;
}

void Assembling::text(std::string_view lines) {
  for_each_line(lines, [this](std::string_view text) {
    if (audit::parse_record(text)) {
      line(text);
    } else {
      ++corrupt;
      offset_ += text.size() + 1;
    }
  });
}

std::string audit_line(std::string_view type, uint64_t millis, uint64_t serial, std::string_view body,
                       std::string_view node) {
  return fmt::format("{}{}type={} msg=audit({}.{:03}:{}): {}",
                     node.empty() ? "" : "node=", node.empty() ? "" : fmt::format("{} ", node), type, millis / 1000,
                     millis % 1000, serial, body);
}

std::string read_log(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream bytes;
  bytes << file.rdbuf();
  std::string content = std::move(bytes).str();
  if (!path.ends_with(".zst")) return content;
  const size_t size_max = 256u << 20;
  std::string unpacked;
  ZSTD_DCtx* context = ZSTD_createDCtx();
  ZSTD_inBuffer in{content.data(), content.size(), 0};
  std::string chunk(1u << 20, '\0');
  while (in.pos < in.size && unpacked.size() < size_max) {
    ZSTD_outBuffer out{chunk.data(), chunk.size(), 0};
    const size_t rc = ZSTD_decompressStream(context, &out, &in);
    EXPECT_FALSE(ZSTD_isError(rc)) << path;
    if (ZSTD_isError(rc)) break;
    unpacked.append(chunk, 0, out.pos);
  }
  ZSTD_freeDCtx(context);
  return unpacked;
}

void for_each_line(std::string_view text, const std::function<void(std::string_view)>& each) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    each(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::vector<std::string> audit_corpora(const std::string& shared) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(shared + "/golden")) {
    const std::string name = entry.path().filename().string();
    const bool log = name.ends_with(".log") || name.starts_with("audit.log") || name == "af_unix-string.txt";
    if (entry.is_regular_file() && log) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace acta::test
