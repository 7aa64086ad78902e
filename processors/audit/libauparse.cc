#include "processors/audit/libauparse.h"

#include <auparse.h>
#include <fmt/format.h>

#include <array>

namespace acta::audit {
namespace {

/// A record in which libauparse takes the field for what the type means.
struct Example {
  FieldType type;
  const char* record;
  const char* field;
};

constexpr Example kExamples[] = {
    {FieldType::tty, "TTY", "data"},
    {FieldType::perm, "CONFIG_CHANGE", "perm"},
    {FieldType::mode, "PATH", "mode"},
    {FieldType::mode_short, "MQ_OPEN", "mode"},
    {FieldType::path_flags, "PATH", "flags"},
    {FieldType::promiscuous, "ANOM_PROMISCUOUS", "prom"},
    {FieldType::capability, "AVC", "capability"},
    {FieldType::signal, "ANOM_ABEND", "sig"},
    {FieldType::list, "CONFIG_CHANGE", "list"},
    {FieldType::cap_bitmap, "CAPSET", "cap_pi"},
    {FieldType::nfproto, "NETFILTER_CFG", "family"},
    {FieldType::icmptype, "NETFILTER_PKT", "icmptype"},
    {FieldType::personality, "SYSCALL", "per"},
    {FieldType::seccomp, "SECCOMP", "code"},
    {FieldType::open_flags, "MQ_OPEN", "oflag"},
    {FieldType::mmap_flags, "MMAP", "flags"},
    {FieldType::hook, "NETFILTER_PKT", "hook"},
    {FieldType::netaction, "NETFILTER_PKT", "action"},
    {FieldType::macproto, "NETFILTER_PKT", "macproto"},
    {FieldType::ioctl, "AVC", "ioctlcmd"},
    {FieldType::fanotify, "FANOTIFY", "resp"},
    {FieldType::multicast, "EVENT_LISTENER", "nl-mcgrp"},
    {FieldType::resolve, "OPENAT2", "resolve"},
    {FieldType::exit, "SYSCALL", "exit"},
    {FieldType::success, "CONFIG_CHANGE", "res"},
    {FieldType::sockaddr, "SOCKADDR", "saddr"},
};

const Example* example_of(FieldType type) {
  for (const Example& one : kExamples) {
    if (one.type == type) return &one;
  }
  return nullptr;
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
  const Example* example = example_of(type);
  if (example == nullptr) return {};
  record_.clear();
  fmt::format_to(std::back_inserter(record_), "type={} msg=audit(1.000:1): {}={}\n", example->record, example->field,
                 value);
  return ask(example->field);
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
