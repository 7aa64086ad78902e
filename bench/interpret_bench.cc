#include <benchmark/benchmark.h>
#include <libaudit.h>

#include <cstdio>
#include <string>

#include "processors/audit/interpret.h"
#include "processors/audit/normalize_table.h"

namespace acta::audit {
namespace {

struct Question {
  uint16_t record;
  std::string_view field;
  std::string_view value;
};

// The typed fields of an openat event with two PATH records, as the kernel prints them.
constexpr Question kEvent[] = {
    {AUDIT_SYSCALL, "arch", "c000003e"},
    {AUDIT_SYSCALL, "syscall", "257"},
    {AUDIT_SYSCALL, "exit", "-13"},
    {AUDIT_SYSCALL, "a0", "ffffff9c"},
    {AUDIT_SYSCALL, "a1", "7ffe3a2b1c90"},
    {AUDIT_SYSCALL, "a2", "241"},
    {AUDIT_SYSCALL, "a3", "1b6"},
    {AUDIT_SYSCALL, "ses", "3"},
    {AUDIT_PATH, "mode", "040755"},
    {AUDIT_PATH, "cap_fp", "0"},
    {AUDIT_PATH, "cap_fi", "0"},
    {AUDIT_PATH, "cap_fe", "0"},
    {AUDIT_PATH, "mode", "0100644"},
    {AUDIT_PATH, "cap_fp", "0"},
    {AUDIT_PATH, "cap_fi", "0"},
    {AUDIT_PATH, "cap_fe", "0"},
    {AUDIT_SOCKADDR, "saddr", "02000050C00002010000000000000000"},
    {AUDIT_ANOM_ABEND, "sig", "11"},
    {AUDIT_SYSCALL, "per", "400000"},
    {AUDIT_CONFIG_CHANGE, "res", "1"},
};

FieldContext context_of(uint16_t record) {
  return {.record_type = record, .arch = AUDIT_ARCH_X86_64, .syscall = 257, .a0 = 0xffffff9c, .a1 = 0x7ffe3a2b1c90};
}

/// The twenty look-ups of an event whose values are known.
void words_of_an_event(benchmark::State& state) {
  Interpreter interpreter;
  for (auto _ : state) {
    for (const Question& one : kEvent)
      benchmark::DoNotOptimize(interpreter.words(context_of(one.record), one.field, one.value));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(std::size(kEvent)));
}
BENCHMARK(words_of_an_event);

void words_that_libauparse_is_asked_for(benchmark::State& state) {
  Interpreter interpreter;
  uint32_t value = 0;
  char text[16];
  for (auto _ : state) {
    const int size = std::snprintf(text, sizeof text, "%x", ++value);
    FieldContext context = context_of(AUDIT_SYSCALL);
    context.syscall = 16;
    benchmark::DoNotOptimize(interpreter.words(context, "a1", {text, static_cast<size_t>(size)}));
  }
}
BENCHMARK(words_that_libauparse_is_asked_for);

void words_of_addresses_never_seen(benchmark::State& state) {
  Interpreter interpreter;
  uint32_t value = 0;
  char text[33];
  for (auto _ : state) {
    std::snprintf(text, sizeof text, "02000050%08X0000000000000000", ++value);
    benchmark::DoNotOptimize(interpreter.words(context_of(AUDIT_SOCKADDR), "saddr", {text, 32}));
  }
}
BENCHMARK(words_of_addresses_never_seen);

void kinds_of_fields(benchmark::State& state) {
  const Interpreter interpreter;
  constexpr std::string_view kFields[] = {"arch", "syscall", "success", "exit",  "a0",  "items", "ppid",
                                          "pid",  "auid",    "uid",     "comm",  "exe", "subj",  "key",
                                          "tty",  "ses",     "name",    "inode", "dev", "mode"};
  for (auto _ : state) {
    for (const std::string_view field : kFields)
      benchmark::DoNotOptimize(interpreter.kind(AUDIT_SYSCALL, field, false, "1"));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(std::size(kFields)));
}
BENCHMARK(kinds_of_fields);

void rules_by_name(benchmark::State& state) {
  for (auto _ : state) {
    for (const std::string_view name : {"execve", "openat", "getpid", "connect"})
      benchmark::DoNotOptimize(rule_for_syscall(name));
  }
  state.SetItemsProcessed(state.iterations() * 4);
}
BENCHMARK(rules_by_name);

void rules_by_number(benchmark::State& state) {
  for (auto _ : state) {
    for (const int32_t number : {59, 257, 39, 42})
      benchmark::DoNotOptimize(rule_for_syscall(AUDIT_ARCH_X86_64, number));
  }
  state.SetItemsProcessed(state.iterations() * 4);
}
BENCHMARK(rules_by_number);

}  // namespace
}  // namespace acta::audit
