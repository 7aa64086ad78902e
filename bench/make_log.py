#!/usr/bin/env python3
"""Makes a large log of a real one: copies of it one after the other, each shifted in time and serials, so that no key
comes twice and events interleave as they did. Writes to standard output, and to standard error what it wrote, as JSON.

  make_log.py audit SOURCE --megabytes N [--eoe]   audit log; SOURCE may be .zst. --eoe adds the EOE records that a
                                                   plugin's stream has and a log has not
  make_log.py pacct SOURCE --megabytes N           accounting file of version 3
  make_log.py hostile SHAPE --events N             logs that hold as much as can be in flight:
      deep   N events are begun in one millisecond before the first of them ends
      open   N events, one a millisecond, and none ever ends
      wide   one event of N PATH records
      long   one event whose EXECVE is N records, of 7 kB of arguments each
"""
import argparse
import json
import re
import struct
import subprocess
import sys

STAMP = re.compile(rb"msg=audit\((\d+)\.(\d{3}):(\d+)\):")
BEGIN_AT = 24  # ac_btime of acct(5), version 3
NODE = re.compile(rb"^node=(\S+) ")


def read(path):
    if path.endswith(".zst"):
        return subprocess.run(["zstd", "-dcq", path], stdout=subprocess.PIPE, check=True).stdout
    with open(path, "rb") as file:
        return file.read()


def with_ends(lines):
    """Adds an EOE after the last record of each event that has a SYSCALL, as the kernel sends it."""
    last, syscall = {}, set()
    for number, line in enumerate(lines):
        match = STAMP.search(line)
        if match:
            last[match.group()] = number
            if line.startswith(b"type=SYSCALL"):
                syscall.add(match.group())
    for number, line in enumerate(lines):
        yield line
        match = STAMP.search(line)
        if match and match.group() in syscall and last[match.group()] == number:
            yield b"type=EOE " + match.group() + b" "


def audit(out, source, size, eoe):
    lines = [line for line in read(source).split(b"\n") if STAMP.search(line)]
    if eoe:
        lines = list(with_ends(lines))
    # Text and stamps by turns: all that differs between copies.
    parts = STAMP.split(b"\n".join(lines) + b"\n")
    times = [int(second) for second in parts[1::4]]
    serials = [int(serial) for serial in parts[3::4]]
    keys = len({(NODE.match(line), STAMP.search(line).group()) for line in lines})
    span, stride = max(times) - min(times) + 1, max(serials) - min(serials) + 1
    written = copies = 0
    while written < size:
        parts[1::4] = [b"msg=audit(%d" % (second + copies * span) for second in times]
        parts[2::4] = [b"." + fraction.lstrip(b".") for fraction in parts[2::4]]
        parts[3::4] = [b":%d):" % ((serial + copies * stride) & 0xFFFFFFFF) for serial in serials]
        written += out.write(b"".join(parts))
        copies += 1
    return {"events": keys * copies, "records": len(lines) * copies, "bytes": written}


def pacct(out, source, size, _eoe):
    data = bytearray(read(source))
    count = len(data) // 64
    began = [struct.unpack_from("<I", data, BEGIN_AT + 64 * i)[0] for i in range(count)]
    span = max(began) - min(began) + 1
    written = copies = 0
    while written < size:
        for i in range(count):
            struct.pack_into("<I", data, BEGIN_AT + 64 * i, (began[i] + copies * span) & 0xFFFFFFFF)
        written += out.write(data[:64 * count])
        copies += 1
    return {"events": count * copies, "records": count * copies, "bytes": written}


SYSCALL = ("type=SYSCALL msg=audit({}): arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7ffc a2=0 a3=0 "
           "items={} ppid=1 pid=2 auid=1000 uid=1000 gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 "
           "fsgid=1000 tty=pts0 ses=3 comm=\"cat\" exe=\"/usr/bin/cat\" key=\"k\"\n")
PATH = ("type=PATH msg=audit({}): item={} name=\"/srv/{}\" inode=7 dev=fe:00 mode=0100644 ouid=0 ogid=0 rdev=00:00 "
        "nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0\n")
PROCTITLE = "type=PROCTITLE msg=audit({}): proctitle=\"cat\"\n"


def hostile(out, shape, count):
    records = 0

    def put(text):
        nonlocal records
        records += 1
        out.write(text.encode())

    if shape == "deep":
        for i in range(count):
            put(SYSCALL.format(f"1700000000.001:{i}", 1))
        for i in range(count):
            put(PATH.format(f"1700000000.001:{i}", 0, i))
        for i in range(count):
            put(PROCTITLE.format(f"1700000000.001:{i}"))
    elif shape == "open":
        for i in range(count):
            put(SYSCALL.format(f"{1700000000 + i // 1000}.{i % 1000:03}:{i}", 1))
    else:
        stamp = "1700000000.001:1"
        put(SYSCALL.format(stamp, count))
        for i in range(count):
            if shape == "wide":
                put(PATH.format(stamp, i, i))
            else:
                put(f"type=EXECVE msg=audit({stamp}): a{i}=\"{'x' * 7000}\"\n")
        put(PROCTITLE.format(stamp))
    return {"events": count if shape in ("deep", "open") else 1, "records": records}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("audit", "pacct", "hostile"))
    parser.add_argument("source", help="the real log, or the hostile shape: deep, open, wide, long")
    parser.add_argument("--megabytes", type=float, default=268)
    parser.add_argument("--events", type=int, default=100000)
    parser.add_argument("--eoe", action="store_true")
    given = parser.parse_args()
    out = sys.stdout.buffer
    if given.kind == "hostile":
        made = hostile(out, given.source, given.events)
    else:
        made = {"audit": audit, "pacct": pacct}[given.kind](out, given.source, given.megabytes * 1e6, given.eoe)
    out.flush()
    print(json.dumps(made), file=sys.stderr)


if __name__ == "__main__":
    main()
