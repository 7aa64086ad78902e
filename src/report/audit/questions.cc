#include "report/audit/questions.h"

#include <iterator>

namespace acta::report::audit {
namespace {

struct NeededFields {
  uint32_t need;
  std::vector<const char*> fields;
};

/// The fields that records say it in, and the words of those that may be in hexadecimal.
const NeededFields kFields[] = {
    {kNeedSuccess, {"auditd.data.success", "auditd.data.res", "auditd.data.result", "auditd.data.seresult"}},
    {kNeedCall, {"auditd.raw.syscall", "auditd.raw.arch"}},
    {kNeedPid, {"auditd.data.pid"}},
    {kNeedLogin, {"auditd.data.auid"}},
    {kNeedAccount, {"auditd.data.acct", "auditd.interpreted.acct"}},
    {kNeedTerminal, {"auditd.data.tty", "auditd.data.terminal"}},
    {kNeedHost, {"auditd.data.hostname", "auditd.data.addr", "auditd.data.saddr"}},
    {kNeedExe, {"auditd.data.exe", "auditd.interpreted.exe"}},
    {kNeedCommand, {"auditd.data.comm", "auditd.interpreted.comm"}},
    {kNeedFiles,
     {"auditd.names", "auditd.data.path", "auditd.interpreted.path", "auditd.data.name", "auditd.interpreted.name",
      "auditd.data.new_disk", "auditd.interpreted.new_disk", "auditd.data.saddr"}},
    {kNeedKeys, {"auditd.data.key", "auditd.interpreted.key"}},
    {kNeedObject, {"auditd.data.tcontext"}},
};

Question question_of(const AureportOptions& options, uint32_t needs) {
  Question question{.fields = {"auditd.records"}};
  for (const NeededFields& each : kFields) {
    if ((needs & each.need) != 0) std::ranges::copy(each.fields, std::back_inserter(question.fields));
  }
  if (options.interpret && (needs & (kNeedLogin | kNeedAccount)) != 0)
    question.fields.emplace_back("auditd.interpreted.auid");
  if (options.interpret && (needs & kNeedCall) != 0) question.fields.emplace_back("auditd.interpreted.syscall");
  if (!options.nodes.empty()) question.fields.emplace_back("auditd.node");
  return question;
}

}  // namespace

SummaryQuestions questions_of(const AureportOptions& options) {
  SummaryQuestions asked{.totals = {.needed = {"auditd.records"}}};
  if (!options.summary || options.kind->summary == Summary::none) return asked;
  const bool figures = options.kind->summary == Summary::figures;
  if (figures) {
    asked.needs = {kNeedOutcomes, kNeedLogin, kNeedTerminal, kNeedHost, kNeedExe,
                   kNeedCommand,  kNeedFiles, kNeedKeys,     kNeedPid};
  } else {
    asked.needs = {options.kind->summary_needs};
  }
  // Calls in calls: which one, an argument says.
  if (options.interpret && (asked.needs.front() & kNeedCall) != 0)
    asked.totals.unlike = {{"auditd.data.syscall", "socketcall"}, {"auditd.data.syscall", "ipc"}};
  for (uint32_t& needs : asked.needs) asked.totals.questions.push_back(question_of(options, needs | kNeedSuccess));
  return asked;
}

}  // namespace acta::report::audit
