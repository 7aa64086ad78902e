#include "processors/audit/arguments.h"

#include <fmt/format.h>

#include <algorithm>

#include "processors/audit/record_types.h"

namespace acta::audit {
namespace {

constexpr size_t kCommandArgsMax = 1024;  // of USER_CMD

std::string_view join(const std::vector<std::string_view>& values, Arena& arena) {
  size_t size = 0;
  for (const std::string_view value : values) size += value.size() + 1;
  char* begin = arena.allocate(size);
  char* at = begin;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) *at++ = ' ';
    at = std::copy(values[i].begin(), values[i].end(), at);
  }
  return {begin, static_cast<size_t>(at - begin)};
}

}  // namespace

void Arguments::write(Draft& draft) {
  if (draft.primary_record().type() == type::kUserCmd) {
    write_command(draft);
  } else if (draft.fields->find_record(type::kExecve) >= 0) {
    write_execve(draft);
  }
}

void Arguments::write_execve(Draft& draft) {
  joined_.clear();
  for (size_t i = 0; i < draft.fields->size(); ++i) {
    const RecordFields& record = (*draft.fields)[i];
    if (record.type() != type::kExecve) continue;
    fields_.clear();
    for (const FieldSlot& slot : record.slots) fields_.push_back(slot.field);
    joined_.add(fields_);
  }
  const Args& args = joined_.finish();
  Event& out = *draft.out;
  for (const std::string_view value : args.values) out.add_view(FieldId::kProcessArgs, value);
  const uint64_t count = args.count.value_or(args.values.size() + args.args_cut);
  if (count > 0 && count <= INT32_MAX) out.set(FieldId::kProcessArgsCount, static_cast<int64_t>(count));
  const std::string_view line = join(args.values, out.arena());
  if (!line.empty()) out.set_view(FieldId::kProcessCommandLine, line);
  if (args.args_cut == 0 && args.bytes_cut == 0) return;
  out.add(FieldId::kActabeatTruncated,
          fmt::format("process.args: {} arguments, {} bytes", args.args_cut, args.bytes_cut));
}

// sudo joins the command's words by a space, so that they are told apart only by it.
void Arguments::write_command(Draft& draft) {
  const FieldSlot* slot = draft.primary_record().find(Key::kCmd);
  if (slot == nullptr || slot->absent()) return;
  Event& out = *draft.out;
  out.set_view(FieldId::kProcessCommandLine, slot->text);
  std::string_view rest = slot->text;
  int64_t count = 0;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(' '), rest.size());
    if (end > 0) {
      if (static_cast<size_t>(++count) <= kCommandArgsMax) out.add_view(FieldId::kProcessArgs, rest.substr(0, end));
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (count > 0) out.set(FieldId::kProcessArgsCount, count);
}

}  // namespace acta::audit
