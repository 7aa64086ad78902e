#!/usr/bin/env python3
"""Measures the agent from end to end, and peers beside it in the same run when their programs are named. scripts/bench
calls it. Every figure is the median of the runs; CPU is user + system seconds of the process, memory its peak RSS."""
import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

BENCH = pathlib.Path(__file__).resolve().parent
LAUREL_CONFIG = """directory = "{directory}"
input = "stdin"
[auditlog]
file = "audit.log"
size = 100000000000
generations = 1
[state]
file = ""
[transform]
execve-argv = [ "array" ]
[translate]
universal = false
user-db = false
[enrich]
pid = true
spawned-by = true
container = true
systemd = true
script = true
user-groups = true
[label-process]
label-keys = [ "software_mgmt" ]
propagate-labels = [ "software_mgmt" ]
[filter]
filter-action = "drop"
"""


def make(folder, name, *arguments):
    """A log made by make_log.py, and what is in it."""
    path = folder / name
    with open(path, "wb") as file:
        run = subprocess.run([sys.executable, str(BENCH / "make_log.py"), *arguments], stdout=file,
                             stderr=subprocess.PIPE, check=True)
    return path, json.loads(run.stderr)


def measure(command, stdin=None, stdout=None):
    """(CPU seconds, peak RSS in MB, wall seconds) of one run."""
    with open(stdin or os.devnull, "rb") as source, open(stdout or os.devnull, "wb") as target:
        begun = os.times().elapsed
        process = subprocess.Popen(command, stdin=source, stdout=target, stderr=subprocess.PIPE)
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit {process.returncode}\n{errors.decode(errors='replace')[-2000:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, os.times().elapsed - begun


class Table:
    """Prints one line per measurement, and keeps the ratios to the first line of a group."""

    def __init__(self, runs):
        self.runs = runs

    def title(self, text):
        print(f"\n{text}\n{'':34} {'per CPU s':>11} {'CPU s':>8} {'wall s':>8} {'peak MB':>8}", flush=True)

    def row(self, name, events, command, runs=None, **streams):
        return self.rows(events, [(name, command, streams)], runs)[0]

    def rows(self, events, programs, runs=None):
        """Programs (name, command, streams) by turns, so that what else runs on the machine slows all of them."""
        taken = [[] for _ in programs]
        for _ in range(runs or self.runs):
            for (_, command, streams), runs_taken in zip(programs, taken):
                runs_taken.append(measure(command, **streams))
        results = []
        for (name, _, _), runs_taken in zip(programs, taken):
            cpu, rss, wall = (statistics.median(column) for column in zip(*runs_taken))
            print(f"{name:34} {events / max(cpu, 1e-3):11,.0f} {cpu:8.2f} {wall:8.2f} {rss:8.1f}", flush=True)
            results.append((events / max(cpu, 1e-3), rss))
        return results


def leaves(value):
    if isinstance(value, dict):
        return sum(leaves(v) for v in value.values())
    if isinstance(value, list):
        return sum(leaves(v) for v in value)
    return 1


def describe(name, path):
    """Number of documents of an NDJSON file; mean size and mean number of values over one in hundred."""
    count = values = sampled = 0
    with open(path, "rb") as file:
        for line in file:
            if count % 100 == 0:
                values += leaves(json.loads(line))
                sampled += 1
            count += 1
    size = path.stat().st_size
    print(f"{name:34} {count:,} documents, mean {size // max(count, 1):,} bytes, {values / max(sampled, 1):.0f} values")
    return count


def audit(given, table, folder):
    log, made = make(folder, "audit.log", "audit", given.audit, "--megabytes", str(given.megabytes))
    events = made["events"]
    table.title(f"audit log, {made['bytes'] / 1e6:.0f} MB, {events:,} events, {made['records']:,} records")
    agent = [given.agent, "replay", log]
    ours, _ = table.row("actabeat replay > /dev/null", events, agent)
    small, made = make(folder, "small.log", "audit", given.audit, "--megabytes", str(given.megabytes / 4))
    quarter, _ = table.row("a quarter of the log", made["events"], [given.agent, "replay", small])
    print(f"linear: a quarter runs at {quarter / ours:.2f} of the speed per event")
    documents, theirs = folder / "ours.ndjson", folder / "theirs.ndjson"
    programs = [("actabeat replay > file", agent, {"stdout": documents})]
    if given.go_libaudit:
        # Its logs say on standard error what it could not do.
        command = [given.go_libaudit, "-i", "-id=true", "-format", "json", "-in", log, "-out", theirs]
        programs.append(("go-libaudit auparse > file", command, {}))
    rates = table.rows(events, programs)
    if given.go_libaudit:
        print(f"ratio: {rates[0][0] / rates[1][0]:.1f}")
        describe("go-libaudit", theirs)
        theirs.unlink()
    if describe("actabeat", documents) != events:
        sys.exit(f"the log has {events} events")
    for file in (log, small, documents):
        file.unlink()


def stream(given, table, folder):
    log, made = make(folder, "stream", "audit", given.audit, "--megabytes", str(given.megabytes), "--eoe")
    table.title(f"plugin stream with EOE, {made['events']:,} events")
    out = folder / "ours.ndjson"
    programs = [("actabeat replay - > file", [given.agent, "replay", "-"], {"stdin": log, "stdout": out})]
    if given.laurel:
        directory = folder / "laurel"
        directory.mkdir()
        (folder / "laurel.toml").write_text(LAUREL_CONFIG.format(directory=directory))
        programs.append(("laurel > file", [given.laurel, "-c", folder / "laurel.toml"], {"stdin": log}))
    rates = table.rows(made["events"], programs)
    if given.laurel:
        print(f"ratio: {rates[0][0] / rates[1][0]:.1f}")
        describe("laurel, all runs", directory / "audit.log")
        (directory / "audit.log").unlink()
    if describe("actabeat", out) != made["events"]:
        sys.exit(f"the log has {made['events']} events")
    out.unlink()
    log.unlink()


def accounting(given, table, folder):
    pacct, made = make(folder, "pacct", "pacct", given.pacct, "--megabytes", "64")
    table.title(f"accounting file, {made['records']:,} records")
    table.row("actabeat replay > /dev/null", made["records"], [given.agent, "replay", "--type", "pacct", pacct])
    pacct.unlink()


def memory(given, table, folder):
    table.title("memory, worst cases")
    worst = 0
    for shape, count in (("deep", 200000), ("open", 1000000), ("wide", 500000), ("long", 20000)):
        log, made = make(folder, "hostile.log", "hostile", shape, "--events", str(count))
        _, rss = table.row(f"{shape}: {made['records']:,} records", made["records"], [given.agent, "replay", log], 1)
        worst = max(worst, rss)
        log.unlink()
    print(f"worst: {worst:.1f} MB")


PARTS = {"audit": audit, "stream": stream, "accounting": accounting, "memory": memory}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help="of " + " ".join(PARTS) + "; all without")
    parser.add_argument("--agent", required=True)
    parser.add_argument("--audit", required=True, help="real audit log to make a large one of")
    parser.add_argument("--pacct", required=True, help="real accounting file, version 3")
    parser.add_argument("--megabytes", type=float, default=268)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    given.go_libaudit, given.laurel = os.environ.get("GO_LIBAUDIT"), os.environ.get("LAUREL")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        for part in given.parts or PARTS:
            if part not in PARTS:
                parser.error(f"{part}: no such part; there are {' '.join(PARTS)}")
            PARTS[part](given, Table(given.runs), pathlib.Path(folder))


if __name__ == "__main__":
    main()
