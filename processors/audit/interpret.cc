#include "processors/audit/interpret.h"

#include <fmt/format.h>
#include <libaudit.h>
#include <linux/prctl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <optional>

#include "processors/audit/call_arguments.h"
#include "processors/audit/field_type.h"
#include "processors/audit/libauparse.h"
#include "processors/audit/own_words.h"
#include "processors/audit/record.h"
#include "processors/audit/word_memo.h"

namespace acta::audit {
namespace {

constexpr size_t kKeystrokesMax =
    8192;  ///< hex digits of one TTY record that are put into words; longer than any that the kernel writes
constexpr size_t kLongKept = 32;         ///< words too long for the memo that are kept readable
constexpr uint64_t kOpenCreates = 0100;  ///< O_CREAT of the architectures that libauparse was built for
constexpr uint64_t kFdSetFlags = 2;      ///< F_SETFD
constexpr uint64_t kSolPacket = 263;
constexpr int kErrnoMax = 4095;  ///< MAX_ERRNO of linux/err.h

std::optional<uint64_t> read_number(std::string_view text, int base) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

/// The context of a memo entry: what else the words of a value rest on.
struct MemoContext {
  FieldType type = FieldType::none;
  uint8_t argument = 0;
  int16_t syscall = 0;
  uint32_t arch = 0;
  uint16_t other = 0;  ///< of a0 or a1

  [[nodiscard]] uint64_t packed() const {
    // The low half of arch is the ELF machine, its top bits say 64-bit and byte order.
    const uint64_t machine = (arch & 0xFFFF) | (arch >> 30 << 14);
    return static_cast<uint64_t>(type) | (static_cast<uint64_t>(argument) << 8) |
           (static_cast<uint64_t>(static_cast<uint16_t>(syscall)) << 16) | (machine << 32) |
           (static_cast<uint64_t>(other) << 48);
  }
};

}  // namespace

struct Interpreter::State {
  explicit State(size_t entries_max) : memo(entries_max) {}

  std::string_view typed(FieldType type, const FieldContext& context, std::string_view field, std::string_view value);
  std::string_view asked(FieldType type, std::string_view value);
  std::string_view exit_words(std::string_view value);
  std::string_view call_words(const FieldContext& context, std::string_view value);
  std::string_view address_words(std::string_view value);
  std::string_view keystrokes(std::string_view value);
  std::string_view argument_words(const FieldContext& context, unsigned argument, std::string_view value);
  std::string_view asked_argument(const ArgumentQuestion& question, const FieldContext& context, std::string_view value,
                                  uint64_t other);
  std::string_view remember(uint64_t context, std::string_view value, std::string_view words, bool hex);
  std::string_view keep_long(std::string_view words);

  WordMemo memo;
  Libauparse library;
  CallArguments arguments;
  std::array<std::string, kLongKept> long_words{};
  size_t next_long = 0;
  std::string bytes, text;  ///< scratch
  uint64_t hits = 0;
  uint64_t questions = 0;
};

std::string_view Interpreter::State::keep_long(std::string_view words) {
  std::string& kept = long_words[next_long++ % kLongKept];
  kept.assign(words);
  return kept;
}

/// Keeps what was found out, as nothing when it is but the value itself; `hex`: also when it is the value with 0x
/// before it.
std::string_view Interpreter::State::remember(uint64_t context, std::string_view value, std::string_view words,
                                              bool hex) {
  if (words == value || (hex && words.size() == value.size() + 2 && words.starts_with("0x") && words.ends_with(value)))
    words = {};
  const bool fits = value.size() + words.size() <= WordMemo::kEntryBytesMax;
  return fits ? memo.insert(context, value, words) : keep_long(words);
}

std::string_view Interpreter::State::asked(FieldType type, std::string_view value) {
  if (!is_value_of(type, value)) return {};
  const uint64_t context = MemoContext{.type = type}.packed();
  if (const auto known = memo.find(context, value)) {
    ++hits;
    return *known;
  }
  ++questions;
  return remember(context, value, library.field(type, value), true);
}

/// exit=: a number when the call succeeded, "EACCES(Permission denied)" when not.
std::string_view Interpreter::State::exit_words(std::string_view value) {
  if (!value.starts_with('-')) return {};
  const auto number = read_number(value.substr(1), 10);
  if (!number || *number == 0 || *number > kErrnoMax) return {};
  const uint64_t context = MemoContext{.type = FieldType::exit}.packed();
  if (const auto known = memo.find(context, value)) {
    ++hits;
    return *known;
  }
  ++questions;
  const auto code = static_cast<int>(*number);
  const bool of_library = audit_errno_to_name(code) != nullptr;
  return remember(context, value, of_library ? library.field(FieldType::exit, value) : errno_name(code), false);
}

std::string_view Interpreter::State::call_words(const FieldContext& context, std::string_view value) {
  const auto number = read_number(value, 10);
  if (!number || *number > INT32_MAX) return {};
  const auto call = static_cast<int32_t>(*number);
  const std::string_view name = syscall_name(context.arch, call);
  if (name != "socketcall" && name != "ipc") return name;
  constexpr uint64_t kCallsMax = 64;  ///< of socketcall and ipc; the version in ipc's upper half has no words
  if (context.a0 > kCallsMax) return name;
  const MemoContext memo_context{
      .type = FieldType::syscall, .arch = context.arch, .other = static_cast<uint16_t>(context.a0)};
  if (const auto known = memo.find(memo_context.packed(), value)) {
    ++hits;
    return *known;
  }
  ++questions;
  return remember(memo_context.packed(), value, library.call_name({context.arch, call, context.a0, 0}), false);
}

std::string_view Interpreter::State::address_words(std::string_view value) {
  const uint64_t context = MemoContext{.type = FieldType::sockaddr}.packed();
  if (const auto known = memo.find(context, value)) {
    ++hits;
    return *known;
  }
  if (sockaddr_words(value, bytes, text)) return remember(context, value, text, false);
  if (!is_sockaddr_for_libauparse(value)) return {};
  ++questions;
  return remember(context, value, library.field(FieldType::sockaddr, value), false);
}

/// What was typed is not worth a place in the memo: it hardly comes twice.
std::string_view Interpreter::State::keystrokes(std::string_view value) {
  if (value.size() < 2 || value.size() > kKeystrokesMax || !is_hex(value)) return {};
  ++questions;
  return keep_long(library.field(FieldType::tty, value));
}

std::string_view Interpreter::State::asked_argument(const ArgumentQuestion& question, const FieldContext& context,
                                                    std::string_view value, uint64_t other) {
  const MemoContext memo_context{.type = FieldType::argument,
                                 .argument = question.argument,
                                 .syscall = question.syscall,
                                 .arch = context.arch,
                                 .other = static_cast<uint16_t>(other)};
  if (const auto known = memo.find(memo_context.packed(), value)) {
    ++hits;
    return *known;
  }
  ++questions;
  const Libauparse::Call call{context.arch, question.syscall, context.a0, context.a1};
  return remember(memo_context.packed(), value, library.argument(call, question.argument, value), true);
}

std::string_view Interpreter::State::argument_words(const FieldContext& context, unsigned argument,
                                                    std::string_view value) {
  const ArgumentQuestion question = arguments.question(context.arch, context.syscall, argument);
  if (question.use == ArgumentUse::plain || !is_value_of(FieldType::argument, value)) return {};
  switch (question.use) {
    case ArgumentUse::ask:
      return asked_argument(question, context, value, 0);
    case ArgumentUse::ask_with_a0:
      if (context.a0 != PR_CAPBSET_READ && context.a0 != PR_CAPBSET_DROP && context.a0 != PR_SET_PDEATHSIG) return {};
      return asked_argument(question, context, value, context.a0);
    case ArgumentUse::ask_with_a1:
      for (const uint64_t level : {uint64_t{IPPROTO_IP}, uint64_t{SOL_SOCKET}, uint64_t{IPPROTO_TCP},
                                   uint64_t{IPPROTO_UDP}, uint64_t{IPPROTO_IPV6}, kSolPacket}) {
        if (context.a1 == level) return asked_argument(question, context, value, context.a1);
      }
      return {};
    case ArgumentUse::ask_created:
      return (context.a1 & kOpenCreates) == 0 ? std::string_view{} : asked_argument(question, context, value, 0);
    case ArgumentUse::directory:
      return value == "ffffff9c" || value == "ffffffffffffff9c" ? "AT_FDCWD" : std::string_view{};
    case ArgumentUse::descriptor_flags:
      return context.a1 == kFdSetFlags && value == "1" ? "FD_CLOEXEC" : std::string_view{};
    case ArgumentUse::socket_protocol:
      return protocol_name(read_number(value, 16).value_or(UINT64_MAX));
    case ArgumentUse::socket_level:
      return socket_level_name(read_number(value, 16).value_or(UINT64_MAX));
    default:
      return {};
  }
}

std::string_view Interpreter::State::typed(FieldType type, const FieldContext& context, std::string_view field,
                                           std::string_view value) {
  switch (type) {
    case FieldType::argument:
      return context.record_type == AUDIT_SYSCALL
                 ? argument_words(context, static_cast<unsigned>(field[1] - '0'), value)
                 : std::string_view{};
    case FieldType::exit:
      return exit_words(value);
    case FieldType::syscall:
      return call_words(context, value);
    case FieldType::arch:
      return is_value_of(type, value) ? arch_name(static_cast<uint32_t>(read_number(value, 16).value_or(0))) : "";
    case FieldType::session:
      return value == "4294967295" ? "unset" : std::string_view{};
    case FieldType::success:
      return value == "1" ? "yes" : value == "0" ? "no" : asked(type, value);
    case FieldType::sockaddr:
      return address_words(value);
    case FieldType::tty:
      return keystrokes(value);
    case FieldType::protocol:
      return is_value_of(type, value) ? protocol_name(read_number(value, 10).value_or(UINT64_MAX)) : "";
    case FieldType::uring_op:
      return is_value_of(type, value) ? uring_op_name(read_number(value, 10).value_or(UINT64_MAX)) : "";
    case FieldType::error:
      return is_value_of(type, value) ? errno_name(static_cast<int>(read_number(value, 10).value_or(0) & 0xFFFF)) : "";
    case FieldType::trust:
      return value == "0" ? "no" : value == "1" ? "yes" : value == "2" ? "unknown" : "";
    default:
      return asked(type, value);
  }
}

Interpreter::Interpreter(size_t entries_max) : state_(std::make_unique<State>(entries_max)) {}
Interpreter::~Interpreter() = default;

FieldKind Interpreter::kind(uint16_t record_type, std::string_view field, bool quoted, std::string_view value) const {
  return field_kind(field_type(record_type, field, quoted, value));
}

std::string_view Interpreter::words(const FieldContext& context, std::string_view field, std::string_view value) {
  const FieldType type = field_type(context.record_type, field, false, value);
  if (field_kind(type) != FieldKind::typed) return {};
  return state_->typed(type, context, field, value);
}

FieldKind Interpreter::argument_kind(const FieldContext& context, std::string_view field) const {
  if (context.record_type != AUDIT_SYSCALL || field_type(field) != FieldType::argument) return FieldKind::text;
  return argument_kind(context, static_cast<unsigned>(field[1] - '0'));
}

std::string_view Interpreter::argument_words(const FieldContext& context, unsigned argument, std::string_view value) {
  return state_->argument_words(context, argument, value);
}

FieldKind Interpreter::argument_kind(const FieldContext& context, unsigned argument) const {
  switch (state_->arguments.question(context.arch, context.syscall, argument).use) {
    case ArgumentUse::plain:
      return FieldKind::text;
    case ArgumentUse::uid:
      return FieldKind::uid;
    case ArgumentUse::gid:
      return FieldKind::gid;
    default:
      return FieldKind::typed;
  }
}

Interpreter::Figures Interpreter::figures() const {
  return {state_->hits, state_->questions, state_->memo.entries(), state_->memo.bytes()};
}

}  // namespace acta::audit
