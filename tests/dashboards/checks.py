"""What the panels must show for the golden documents: the figures that the classic tools printed."""
import collections
import re
from datetime import datetime

import agent
import classic

MINUTE_NS = 60e9
SA_K_BYTES = 4 * 1024  # sa(8) divides kB by the 4 of a page and calls it k
SA_IO_TICKS = 100  # and characters by the ticks of a second


def counts(rows):
    """Key to number of a table with one key and the count as the first metric."""
    made = collections.Counter()
    for row in rows:
        made[row[0]] += row[1]
    return made


def tool_names(found):
    """Types that the tools of then have no name for."""
    made = collections.Counter()
    for name, number in found.items():
        made["(null)" if str(name).startswith("UNKNOWN[") else name] += number
    return made


def same_totals(name):
    return lambda test, rows: test.assertEqual(tool_names(counts(rows)), classic.totals(name))


def same_figures(name, *what):
    """The only row's metrics are these figures of a summary report."""
    return lambda test, rows: test.assertEqual(rows[0][:len(what)],
                                               tuple(classic.figures(name)[each] for each in what))


def table_of_figures(name):
    def check(test, rows):
        wanted = classic.figures(name)
        for what, number in rows:
            test.assertEqual(number, wanted[what], what)
        test.assertEqual(len(rows), 14)
    return check


def succeeded_and_failed(*what):
    return lambda test, rows: test.assertEqual(counts(rows), {
        "succeeded": classic.figures("aureport.txt")[what[0]], "failed": classic.figures("aureport.txt")[what[1]]})


def total_is(figure, name="aureport.txt"):
    return lambda test, rows: test.assertEqual(sum(row[-1] for row in rows), classic.figures(name)[figure])


def words(*values):
    """Values as the tools print them: ? for none, yes and no for outcomes."""
    printed = {None: "?", "success": "yes", "failure": "no"}
    return tuple(str(printed.get(value, value)) for value in values)


def same_rows(name, columns):
    """`columns` of the panel's rows are the tool's, in any order: times are equal to the second."""
    def check(test, rows):
        found = sorted(words(*(row[each] for each in columns)) for row in rows)
        wanted = [" ".join(row).replace("(invalid user)", "(invalid_user)").split() for row in classic.listed(name)]
        picked = [tuple(each.replace("_", " ") if "(" in each else each for each in row) for row in wanted]
        test.assertEqual(found, sorted(picked))
    return check


def authenticated(test, rows):
    """A USER_MGMT record without acct is root's in the tool's list, and unknown(-2) in its own summary of it."""
    wanted = classic.totals("aureport-auth-i-summary.txt")
    wanted["root"] += wanted.pop("unknown(-2)")
    test.assertEqual(counts(rows), wanted)


def real_users(test, rows):
    """Events of uid 1000; the tool of 3.x may print one event twice (a LOGIN and what follows)."""
    test.assertEqual(counts(rows)["1000"], len(set(classic.events("ausearch-ui-1000.csv"))))


def printed(value, digits):
    """As printf of C rounds."""
    return f"{value:.{digits}f}"


def sa_row(calls, real, cpu, io, memory):
    return {"calls": str(calls), "re": printed(real / MINUTE_NS, 2), "cp": printed(cpu / MINUTE_NS, 2),
            "io": printed(io / SA_IO_TICKS, 0), "k": printed(memory / SA_K_BYTES, 0)}


def same_accounting(test, found, wanted, total):
    """`found`: name to (calls, real, cpu, io, memory). Shares are those of the table's totals."""
    test.assertEqual(set(found), set(wanted) - {""})
    for name, row in found.items():
        expected = wanted[name]
        made = sa_row(*row) | {"calls_share": printed(100 * row[0] / total[0], 2),
                               "re_share": printed(100 * row[1] / total[1], 2),
                               "cp_share": printed(100 * row[2] / total[2], 2)}
        test.assertEqual(made, {key: expected[key] for key in made}, name)


def total_of(rows):
    return [sum(row[each] for row in rows) for each in range(3)]


def commands(test, rows):
    """sa -a: a command that was only forked is marked with a star and has a row of its own."""
    found = {}
    for name, kind, *row in rows:
        if row[0]:
            found[name + ("*" if kind.startswith("only forked") else "")] = row
    same_accounting(test, found, classic.accounting("sa-ac.txt"), total_of(list(found.values())))


def people(name):
    def check(test, rows):
        found = {row[0]: list(row[1:]) for row in rows}
        same_accounting(test, found, classic.accounting(name), total_of(list(found.values())))
    return check


def accounting_total(test, rows):
    calls, real, cpu, memory = rows[0]
    wanted = classic.accounting("sa-ac.txt")[""]
    made = sa_row(calls, real, cpu, 0, memory)
    test.assertEqual({key: made[key] for key in ("calls", "re", "cp", "k")},
                     {key: wanted[key] for key in ("calls", "re", "cp", "k")})


LETTERS = (("superuser", "S"), ("fork", "F"), ("compat", "C"), ("core", "D"), ("signal", "X"))


def last_command(row):
    """A line as lastcomm(1) prints it."""
    name, flags, user, tty, cpu, start = row[:6]
    letters = "".join(letter if flag in (flags or []) else " " for flag, letter in LETTERS)
    at = datetime.fromisoformat(start.replace("Z", "+00:00"))
    shown = re.sub(rb"[^\x20-\x7e]", b"?", name.encode()).decode()  # byte by byte, as in the C locale
    return (f"{shown:<16.16} {letters} {user:<8.8} {tty or '__':<8.8} {cpu / 1e9:6.2f} secs "
            f"{at.strftime('%a %b %e %H:%M'):<16.16}")


def same_commands(test, rows):
    test.assertEqual(sorted(map(last_command, rows)), sorted(classic.last_commands()))


def flags_of_commands(test, rows):
    wanted = collections.Counter()
    for line in classic.last_commands():
        wanted.update(name for name, letter in LETTERS if letter in line[17:22])
    test.assertEqual({name: number for name, number in rows}, wanted)


def terminals_of_commands(test, rows):
    wanted = collections.Counter(line[32:40].rstrip() for line in classic.last_commands())
    found = collections.Counter()
    for terminal, _, number in rows:
        found[terminal] += number
    test.assertEqual(found, wanted)


def minute(time):
    """As the tools print it: Mon Nov 23 02:37."""
    return datetime.fromisoformat(time.replace("Z", "+00:00")).strftime("%a %b %e %H:%M")


def ended(name, width):
    """Lines of aulast(1) and auvirt(8) about what is over: their first columns, the begin and the end's minute."""
    found = []
    for line in classic.text(name).splitlines():
        match = re.match(rf"(.{{{width}}})(\w+ \w+ [ \d]+ \d\d:\d\d) - (\d\d:\d\d)  \(", line)
        if match:
            found.append((tuple(match[1].split()), match[2], match[3]))
    return found


def times(row, start):
    """The begin, and the minute of the end."""
    return minute(row[start]), minute(row[start + 1])[-5:]


def logins_that_ended(test, rows):
    wanted = [each for each in ended("aulast.txt", 39) if each[0][0] != "reboot"]
    test.assertEqual(sorted((tuple(row[:3]), *times(row, 3)) for row in rows), sorted(wanted))


def boots(test, rows):
    wanted = [((*each[0][:3], each[0][3]), *each[1:]) for each in ended("aulast.txt", 39) if each[0][0] == "reboot"]
    # aulast cuts the kernel's release.
    test.assertEqual([(("reboot", "system", "boot", row[1][:16]), *times(row, 2)) for row in rows], wanted)


def runs_of_guests(test, rows):
    """auvirt knows no shutdown of the system: what ended by it still runs there."""
    wanted = []
    for line in classic.text("auvirt.txt").splitlines():
        name, user, span = (part.strip() for part in line.split("\t"))
        match = re.match(r"(\w+ \w+ [ \d]+ \d\d:\d\d)(?: - (failed|\d\d:\d\d))?", span)
        wanted.append((name, user, match[1], match[2] or ""))
    shown = {"failed": "failed", "down": ""}
    found = [(row[0], row[1], times(row, 2)[0], shown.get(row[5], times(row, 2)[1])) for row in rows]
    test.assertEqual(sorted(found), sorted(wanted))


def records_of_boots(test, rows):
    wanted = classic.totals("aureport-e-i-summary.txt")
    test.assertEqual(counts((row[0], row[-2]) for row in rows),
                     {name: wanted[name] for name in ("SYSTEM_BOOT", "SYSTEM_SHUTDOWN", "SYSTEM_RUNLEVEL",
                                                      "DAEMON_START", "DAEMON_END") if wanted[name]})


def guest_figures(test, rows):
    wanted = classic.auvirt()
    test.assertEqual(counts(rows), {"starts": wanted["guest starts"], "stops": wanted["guest stops"],
                                    "resource assignments": wanted["resource assignments"],
                                    "failed operations": wanted["failed operations"]})


def guest_resources(test, rows):
    """Lines of auvirt --all-events: resrc, machine (22 columns), user, times, resource, reason."""
    wanted = collections.Counter()
    for line in classic.text("auvirt-all-events.txt").splitlines():
        part = [each.strip() for each in line.split("\t")]
        if line.startswith("resrc"):
            wanted[(part[0].removeprefix("resrc").strip(), part[3], part[4])] += 1
    test.assertEqual({row[:3]: row[3] for row in rows}, wanted)


def row_is(*wanted, at=0):
    """There is a row that has these values from the column `at` on."""
    return lambda test, rows: test.assertIn(wanted, [row[at:at + len(wanted)] for row in rows])


def fleet(test, rows):
    test.assertEqual(len(rows), 1)
    hosts, _, versions, documents = rows[0]
    golden = classic.figures("aureport.txt")["events"] + int(classic.accounting("sa-ac.txt")[""]["calls"])
    test.assertEqual((hosts, versions), (1, 1))
    test.assertGreater(documents, golden)  # and those of sessions, machines and the agent's health


def accepted_by_the_file(test, rows):
    """The agent's output took all documents of its input."""
    test.assertEqual([row[1] for row in rows], ["file"])
    test.assertGreater(rows[0][2], 100)
    test.assertEqual(rows[0][4:8], (0, 0, 0, 0))


# Figures that no classic tool has.
OWN = {
    "fleet-figures": fleet,
    "sessions-figures": lambda test, rows: test.assertEqual(counts(rows), {"logins": 4, "boots": 1}),
    "agent-health-outputs": accepted_by_the_file,
    "agent-health-inputs": row_is("audit_log", agent.RECORDS, at=1),
    "agent-health-lost": row_is(1, at=2),
    "agent-health-reasons": row_is("file_gap"),
}

# Figures of classic tools, by what the panel says of itself.
CHECKS = {
    "summary-events": same_figures("aureport.txt", "events"),
    "summary-distinct": same_figures("aureport.txt", "users", "terminals", "host names", "executables", "commands",
                                     "keys", "process IDs"),
    "summary-files": same_figures("aureport.txt", "files"),
    "summary-counters": table_of_figures("aureport.txt"),
    "summary-failed": table_of_figures("aureport-failed.txt"),
    "event-types-types": same_totals("aureport-e-i-summary.txt"),
    "event-types-configuration": same_totals("aureport-c-i-summary.txt"),
    "event-types-accounts": same_totals("aureport-m-i-summary.txt"),
    "event-types-crypto": same_totals("aureport-crypto-i-summary.txt"),
    "event-types-mac": same_rows("aureport-ma-i.txt", (0, 1, 2, 3)),
    "event-types-responses": same_rows("aureport-r-i.txt", (0, 1, 2)),
    "logins-figures": succeeded_and_failed("logins", "failed logins"),
    "logins-accounts": same_totals("aureport-l-i-summary.txt"),
    "logins-list": same_rows("aureport-l-i.txt", (0, 1, 2, 3, 4, 5)),
    "authentications-figures": succeeded_and_failed("authentications", "failed authentications"),
    "authentications-accounts": authenticated,
    "authentications-list": same_rows("aureport-auth-i.txt", (0, 1, 2, 3, 4, 5)),
    "anomalies-types": same_totals("aureport-n-i-summary.txt"),
    "anomalies-list": same_rows("aureport-n-i.txt", (0, 1, 2, 3, 4, 5)),
    "sessions-list": logins_that_ended,
    "sessions-boots": boots,
    "sessions-records": records_of_boots,
    "machines-runs": runs_of_guests,
    "machines-figures": guest_figures,
    "machines-types": same_totals("aureport-virt-i-summary.txt"),
    "machines-resources": guest_resources,
    "machines-list": same_rows("aureport-virt-i.txt", (0, 1, 2)),
    "user-activity-users": same_totals("aureport-u-i-summary.txt"),
    "user-activity-uids": real_users,
    "executions-executables": same_totals("aureport-x-i-summary.txt"),
    "executions-commands": same_totals("aureport-comm-i-summary.txt"),
    "executions-errors": total_is("failed syscalls"),
    "executions-calls": same_totals("aureport-s-i-summary.txt"),
    "executions-keys": same_totals("aureport-k-i-summary.txt"),
    "executions-terminals": same_totals("aureport-tm-i-summary.txt"),
    "network-hosts": same_totals("aureport-h-i-summary.txt"),
    "accounting-commands-totals": accounting_total,
    "accounting-commands-commands": commands,
    "accounting-users-users": people("sa-mc.txt"),
    "accounting-users-groups": people("sa-Mc.txt"),
    "last-commands-flags": flags_of_commands,
    "last-commands-terminals": terminals_of_commands,
    "last-commands-list": same_commands,
}
