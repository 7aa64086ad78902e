#include "processors/audit/libauparse.h"

#include <auparse.h>
#include <fmt/format.h>

#include <array>

namespace acta::audit {
namespace {

/// A record in which libauparse takes the field for what the type means.
struct Example {
  const char* record;
  const char* field;
};

Example example_of(FieldType type) {
  switch (type) {
    case FieldType::tty:
      return {"TTY", "data"};
    case FieldType::perm:
      return {"CONFIG_CHANGE", "perm"};
    case FieldType::mode:
      return {"PATH", "mode"};
    case FieldType::mode_short:
      return {"MQ_OPEN", "mode"};
    case FieldType::path_flags:
      return {"PATH", "flags"};
    case FieldType::promiscuous:
      return {"ANOM_PROMISCUOUS", "prom"};
    case FieldType::capability:
      return {"AVC", "capability"};
    case FieldType::signal:
      return {"ANOM_ABEND", "sig"};
    case FieldType::list:
      return {"CONFIG_CHANGE", "list"};
    case FieldType::cap_bitmap:
      return {"CAPSET", "cap_pi"};
    case FieldType::nfproto:
      return {"NETFILTER_CFG", "family"};
    case FieldType::icmptype:
      return {"NETFILTER_PKT", "icmptype"};
    case FieldType::personality:
      return {"SYSCALL", "per"};
    case FieldType::seccomp:
      return {"SECCOMP", "code"};
    case FieldType::open_flags:
      return {"MQ_OPEN", "oflag"};
    case FieldType::mmap_flags:
      return {"MMAP", "flags"};
    case FieldType::hook:
      return {"NETFILTER_PKT", "hook"};
    case FieldType::netaction:
      return {"NETFILTER_PKT", "action"};
    case FieldType::macproto:
      return {"NETFILTER_PKT", "macproto"};
    case FieldType::ioctl:
      return {"AVC", "ioctlcmd"};
    case FieldType::fanotify:
      return {"FANOTIFY", "resp"};
    case FieldType::multicast:
      return {"EVENT_LISTENER", "nl-mcgrp"};
    case FieldType::resolve:
      return {"OPENAT2", "resolve"};
    case FieldType::exit:
      return {"SYSCALL", "exit"};
    case FieldType::success:
      return {"CONFIG_CHANGE", "res"};
    case FieldType::sockaddr:
      return {"SOCKADDR", "saddr"};
    default:
      return {nullptr, nullptr};
  }
}

constexpr std::array<const char*, 4> kArgumentNames = {"a0", "a1", "a2", "a3"};

}  // namespace

Libauparse::Libauparse() : state_(auparse_init(AUSOURCE_BUFFER, "")) {
  if (state_ != nullptr) auparse_set_escape_mode(state_, AUPARSE_ESC_RAW);
}

Libauparse::~Libauparse() {
  if (state_ != nullptr) auparse_destroy(state_);
}

std::string_view Libauparse::field(FieldType type, std::string_view value) {
  const Example example = example_of(type);
  if (example.record == nullptr) return {};
  record_.clear();
  fmt::format_to(std::back_inserter(record_), "type={} msg=audit(1.000:1): {}={}\n", example.record, example.field,
                 value);
  return ask(example.field);
}

std::string_view Libauparse::argument(const Call& call, unsigned argument, std::string_view value) {
  if (argument >= kArgumentNames.size()) return {};
  record_.clear();
  auto out = std::back_inserter(record_);
  // libauparse takes arch, syscall, a0 and a1 by their place in the record.
  fmt::format_to(out, "type=SYSCALL msg=audit(1.000:1): arch={:x} syscall={} success=yes exit=0", call.arch,
                 call.syscall);
  for (unsigned n = 0; n < kArgumentNames.size(); ++n) {
    if (n == argument) {
      fmt::format_to(out, " {}={}", kArgumentNames[n], value);
    } else {
      fmt::format_to(out, " {}={:x}", kArgumentNames[n], n == 0 ? call.a0 : n == 1 ? call.a1 : 0);
    }
  }
  record_ += '\n';
  return ask(kArgumentNames[argument]);
}

std::string_view Libauparse::call_name(const Call& call) {
  record_.clear();
  fmt::format_to(std::back_inserter(record_),
                 "type=SYSCALL msg=audit(1.000:1): arch={:x} syscall={} success=yes exit=0 a0={:x}\n", call.arch,
                 call.syscall, call.a0);
  return ask("syscall");
}

std::string_view Libauparse::ask(const char* field) {
  if (state_ == nullptr || auparse_new_buffer(state_, record_.data(), record_.size()) != 0) return {};
  if (auparse_next_event(state_) <= 0 || auparse_find_field(state_, field) == nullptr) return {};
  const char* words = auparse_interpret_field(state_);
  return words == nullptr ? std::string_view{} : std::string_view{words};
}

}  // namespace acta::audit
