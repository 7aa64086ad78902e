#pragma once
namespace acta {

/// actabeat test system: what this host can do for the agent (kernel audit, who is the audit daemon, auditd's settings,
/// process accounting, rights), and for each finding what to do about it. Returns 1 when something stands in the way.
int run_test_system();

}  // namespace acta
