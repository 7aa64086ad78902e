#!/usr/bin/env python3
"""aulast, auvirt, lastcomm and sa over documents against the installed tools, on logs that nobody has seen before.

    tests/long/classic_tools.py [--agent build/release/actabeat] [--seed 1] [--logs 20]

Needs the tools (Debian: acct, and aulast and auvirt of auditd). Prints how many outputs are equal, and the first line
of each that is not. Fails below 98 %. What differs by a cause that docs/classic-tools.md names is counted apart."""
import argparse
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

import classic_logs

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data"
ENVIRONMENT = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
LEAST, SHOWN = 0.98, 20
AUDIT = ["aulast", "aulast --bad", "aulast --proof", "aulast --user root", "aulast --tty pts/1", "aulast --bad --proof",
         "auvirt", "auvirt -a", "auvirt --all-events --show-uuid --proof", "auvirt -s", "auvirt -a -v web",
         "auvirt -a -u " + classic_logs.UUIDS[0], "auvirt -a -ts 11/23/26 02:38:00", "auvirt -s -te 11/23/26 12:00:00"]
ACCOUNTING = ["lastcomm " + options for options in (
    "", "--user root", "--command true", "--tty pts/0", "--pid", "-p", "root cat", "--print-controls", "--forwards",
    "--strict-match --user root --command bash")]
ACCOUNTING += ["sa " + options for options in (
    "", "-c", "-m", "-mc", "-a", "-ac", "-cl", "-K", "-n", "-Mc", "-b", "-d", "-D", "-k", "-r", "-t", "-j", "-jc",
    "-u", "-p", "-P", "-cK", "-v5 -f", "-ca -r", "-lt", "-mD", "-MK", "-nr", "--sort-real-time", "-v2 -f -a",
    "-tcl", "-bj")]


def audit_log(chance, number):
    if number % 2:
        return b"\n".join(classic_logs.Story(chance).write()) + b"\n"
    name = chance.choice(["audit/audit-enriched.log.zst", "stream/cat.log.zst"])
    log = subprocess.run(["zstd", "-dcq", DATA / "classic" / name], capture_output=True, check=True).stdout
    change = chance.choice([classic_logs.cut, classic_logs.shift, classic_logs.shuffle])
    return b"\n".join(change(chance, log.splitlines())) + b"\n"


def accounting_file(chance, number):
    if number % 2:
        return b"".join(classic_logs.process(chance) for _ in range(chance.randint(1, 400)))
    whole = (DATA / "pacct/pacct").read_bytes()
    records = [whole[i:i + 64] for i in range(0, len(whole), 64)]
    return b"".join(chance.choices(records, k=chance.randint(1, 3000)))


def output(words, **options):
    return subprocess.run(words, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **options).stdout


def without_run(command, text):
    """aulast --proof says when it was run: that is no figure of the log."""
    return re.sub(rb" --end \S+ \S+", b"", text) if command.startswith("aulast") and "--proof" in command else text


def without_known(command, text):
    """A cause of docs/classic-tools.md: a number from memory that was never set."""
    return re.sub(rb" --session \d+( -a)", rb"\1", text) if command == "aulast --bad --proof" else text


def compare(agent, folder, log, kind, commands, counts):
    path = folder / "log"
    path.write_bytes(log)
    users = ["--passwd", "/etc/passwd", "--group", "/etc/group"]
    documents = folder / "documents.ndjson"
    documents.write_bytes(output([agent, "replay", "--original", "--type", kind, *users, path]))
    for command in commands:
        tool, *options = command.split()
        source = ["-i", path] if tool == "sa" else ["-f", path]
        theirs = without_run(command, output([tool, *options, *source]))
        ours = without_run(command, output([agent, tool, *options, "--from", documents]))
        if theirs == ours:
            counts["equal"] += 1
        elif without_known(command, theirs) == without_known(command, ours):
            counts["known"] += 1
        else:
            counts["different"] += 1
            if counts["different"] <= SHOWN:
                pairs = zip(theirs.split(b"\n"), ours.split(b"\n"))
                print(f"{command}: {next(((a, b) for a, b in pairs if a != b), 'one ends before the other')}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--agent", type=pathlib.Path, default=ROOT / "build/release/actabeat")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--logs", type=int, default=20)
    given = arguments.parse_args()
    missing = [tool for tool in ("aulast", "auvirt", "lastcomm", "sa") if not shutil.which(tool)]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}")
    counts = {"equal": 0, "known": 0, "different": 0}
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(given.logs):
            compare(given.agent, pathlib.Path(folder), audit_log(chance, number), "audit", AUDIT, counts)
            compare(given.agent, pathlib.Path(folder), accounting_file(chance, number), "pacct", ACCOUNTING, counts)
    share = counts["equal"] / max(1, sum(counts.values()))
    print(f"seed {given.seed}: {counts['equal']} outputs equal ({share:.2%}), {counts['known']} differ by a known "
          f"cause, {counts['different']} by another")
    sys.exit(0 if share >= LEAST and counts["different"] == 0 else 1)


if __name__ == "__main__":
    main()
