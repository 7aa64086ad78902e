#!/usr/bin/env python3
"""aureport and ausearch over documents against the tools of the package auditd, on logs made by chance.

Each log is a recorded one, cut, shifted in time and serials, thinned out, its events interleaved otherwise, its calls
made longer, or joined to another time's. Needs root and /usr/sbin/aureport of the same audit version as the libauparse
that the program is built against. Prints what differs, then how many of the outputs are the same.

    audit_tools.py --agent build/release/actabeat [--logs 60] [--seed 1]
    audit_tools.py --agent build/release/actabeat --files LOG... [--show]

The second form takes logs that exist, from wherever they are, as they are.
"""
import argparse
import itertools
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

TREE = pathlib.Path(__file__).resolve().parents[2]
DATA = TREE / "tests/data/classic"
STAMP = re.compile(rb"audit\((\d+)\.(\d+):(\d+)\)")
COMMANDS = """
aureport
aureport -l -i
aureport --auth
aureport -n -i
aureport -e -i
aureport -e -i --summary
aureport -m -i
aureport -c -i
aureport --virt
aureport -u -i --summary
aureport -x --summary
aureport -f -i
aureport -f -i --summary
aureport -h -i
aureport -k -i
aureport -s -i
aureport -s -i --summary
aureport -tm -i
aureport -p
aureport --comm -i
aureport -cr -i
aureport -r
aureport -ma -i
aureport -a
aureport --integrity
aureport --tty
aureport --failed
aureport --success -u
ausearch --raw
ausearch -i
ausearch -m USER_LOGIN,USER_AUTH,LOGIN
ausearch --format csv --extra-keys --extra-time --extra-obj2 --extra-labels
ausearch --format text
ausearch -ui 1000 -i
ausearch -ua 0 --format csv
ausearch -f /etc -sv no
ausearch -k e -x usr
ausearch -c s --just-one -i
ausearch -hn 1
""".strip().splitlines()


def unpacked(path):
    return subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout


def recorded():
    enriched = unpacked(DATA / "audit/audit-enriched.log.zst")
    return {"enriched": enriched, "raw": b"".join(line.split(b"\x1d")[0] + b"\n" for line in enriched.splitlines()),
            "stream": unpacked(DATA / "stream/cat.log.zst"),
            "interleaved": b"\n".join(unpacked(TREE / "tests/data/interleaved.log.zst").split(b"\n")[:15_000])}


def key(line):
    match = STAMP.search(line)
    return match.groups() if match else None


def cut(chance, lines):
    begin = chance.randrange(len(lines))
    return lines[begin:begin + chance.randrange(50, 1500)]


def shift(chance, lines):
    seconds, serials = chance.randrange(-300_000_000, 30_000_000), chance.randrange(1, 500_000)
    return [STAMP.sub(lambda m: b"audit(%d.%03d:%d)" % (int(m[1]) + seconds, int(m[2]), int(m[3]) + serials), line)
            for line in lines]


def thin(chance, lines):
    share = chance.choice([0.01, 0.05, 0.2])
    return [line for line in lines if chance.random() > share]


def weave(chance, lines):
    """Events overlap with some that begin within a second; they begin in the order in which they did."""
    events = {}
    for line in lines:
        events.setdefault(key(line), []).append(line)
    waiting, open_events, woven = list(events), [], []
    while waiting or open_events:
        while waiting and len(open_events) < chance.randrange(1, 5):
            one = waiting[0]
            if one is None or any(abs(int(one[0]) - int(other[0][0])) > 1 for other in open_events):
                break
            waiting.pop(0)
            woven.append(events[one].pop(0))
            if events[one]:
                open_events.append((one, events[one]))
        if not open_events:
            if waiting and waiting[0] is None:
                woven += events[waiting.pop(0)]
            continue
        one = chance.choice(open_events)
        woven.append(one[1].pop(0))
        if not one[1]:
            open_events.remove(one)
    return woven


def late(chance, lines):
    """Some calls took long: their records have stamps of their beginning."""
    by, out = {}, []
    for line in lines:
        one = key(line)
        back = by.setdefault(one, chance.choice([0] * 20 + [1, 700, 1500]))
        if one and back:
            time = int(one[0]) * 1000 + int(one[1]) - back
            line = STAMP.sub(b"audit(%d.%03d:%d)" % (time // 1000, time % 1000, int(one[2])), line)
        out.append(line)
    return out


def join(chance, lines):
    return shift(chance, lines) + lines


def made_log(chance, logs):
    name = chance.choice(sorted(logs))
    lines = cut(chance, [line + b"\n" for line in logs[name].split(b"\n") if line])
    how = [name]
    for change in chance.sample([cut, shift, thin, weave, late, join], chance.randrange(1, 4)):
        lines = change(chance, lines) or lines
        how.append(change.__name__)
    return b"".join(lines), " ".join(how)


def output_of(command):
    run = subprocess.run(command, capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
                         env={"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    return run.returncode, run.stdout


def first_difference(theirs, ours):
    for theirs_line, ours_line in itertools.zip_longest(theirs.split(b"\n"), ours.split(b"\n")):
        if theirs_line != ours_line:
            return f"    theirs {theirs_line}\n    ours   {ours_line}"
    return "    the exit status"


def compare(agent, folder, how, show=False):
    log, documents = folder + "/log", folder + "/documents"
    with open(documents, "wb") as out:
        subprocess.run([agent, "replay", "--original", "--passwd", "/etc/passwd", "--group", "/etc/group", log],
                       stdout=out, check=True)
    same = 0
    for command in COMMANDS:
        tool, *options = command.split()
        theirs = output_of(["/usr/sbin/" + tool, "-if", log, *options])
        ours = output_of([agent, tool, "--from", documents, *options])
        same += theirs == ours
        if theirs != ours:
            print(f"differs: {how}: {command}", flush=True)
            if show:
                print(first_difference(theirs[1], ours[1]), flush=True)
    return same


def texts(options):
    """Each log and where it comes from."""
    for path in options.files:
        text = unpacked(path) if path.endswith(".zst") else pathlib.Path(path).read_bytes()
        yield text, "/".join(pathlib.Path(path).parts[-4:])
    if not options.files:
        logs = recorded()
        for seed in range(options.seed, options.seed + options.logs):
            text, how = made_log(random.Random(seed), logs)
            yield text, f"seed {seed} ({how})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--agent", required=True, type=os.path.abspath)
    parser.add_argument("--logs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--files", nargs="+", default=[], type=os.path.abspath)
    parser.add_argument("--show", action="store_true", help="the first line that differs")
    options = parser.parse_args()
    if "AUDIT_TOOLS_INSIDE" not in os.environ:  # users of the recorded host, for us and the tools
        os.environ["AUDIT_TOOLS_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "-m", sys.executable, os.path.abspath(__file__), *sys.argv[1:]])
    for name in ("passwd", "group"):
        subprocess.run(["mount", "--bind", DATA / "audit" / name, "/etc/" + name], check=True)
    same = total = 0
    for text, how in texts(options):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "log").write_bytes(text)
            same += compare(options.agent, folder, how, options.show)
        total += len(COMMANDS)
    print(f"{same} of {total} outputs are the same: {100 * same / total:.2f} %")


if __name__ == "__main__":
    main()
