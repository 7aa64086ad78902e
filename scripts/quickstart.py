#!/usr/bin/env python3
"""The part of scripts/run that looks into files.

  quickstart.py inputs PATH...   which input reads each path, as the value of actabeat.inputs (JSON)
  quickstart.py show FOLDER      what the NDJSON files of a folder hold: one document of each kind, counts by action
"""
import collections
import glob
import json
import os
import re
import stat
import sys

PACKED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"\xfd7zXZ": "xz", b"BZh": "bzip2"}
RECORD_BYTES = 64  # of accounting files of versions 1 to 3, acct(5)
HEAD_BYTES = 1 << 20


def kind_of(path):
    """audit_log, pacct, empty, or why it is none of them."""
    try:
        with open(path, "rb") as file:
            head = file.read(HEAD_BYTES)
    except PermissionError:
        sudo = "" if os.geteuid() == 0 else "; call scripts/run with sudo"
        return "cannot be read by you" + sudo
    except OSError as error:
        return error.strerror
    if not head:
        return "empty"
    for magic, name in PACKED.items():
        if head.startswith(magic):
            return f"is packed by {name}: unpack it first"
    if b"msg=audit(" in head:
        return "audit_log"
    # Flags first, then the version; its top bit says big-endian.
    if len(head) >= RECORD_BYTES and (head[1] & 0x7F) in (1, 2, 3) and os.path.getsize(path) % RECORD_BYTES == 0:
        return "pacct"
    return "is neither an audit log nor an accounting file"


def files_of(path):
    """The files of a folder, without those that a follower of their first name finds itself: audit.log.1 and so on."""
    names = sorted(os.listdir(path))
    rotated = {name for name in names if re.fullmatch(r".+\.\d+", name) and re.sub(r"\.\d+$", "", name) in names}
    return [os.path.join(path, name) for name in names
            if name not in rotated and os.path.isfile(os.path.join(path, name))]


def inputs(paths):
    kinds = collections.defaultdict(list)
    wrong = []
    for path in map(os.path.abspath, paths):
        try:
            is_folder = stat.S_ISDIR(os.stat(path).st_mode)
            files = files_of(path) if is_folder else [path]
        except OSError as error:
            wrong.append(f"{path}: {error.strerror}")
            continue
        found = 0
        for file in files:
            kind = kind_of(file)
            if kind in ("audit_log", "pacct"):
                found += 1
                # Paths are patterns to the agent: what is special in this one is not meant so.
                if glob.escape(file) not in kinds[kind]:
                    kinds[kind].append(glob.escape(file))
            elif is_folder:
                print(f"passed over: {file}: {kind}", file=sys.stderr)
            else:
                wrong.append(f"{file}: {'is empty' if kind == 'empty' else kind}")
        if is_folder and not found:
            wrong.append(f"{path}: no audit log and no accounting file in this folder")
    if wrong:
        sys.exit("\n".join("error: " + line for line in wrong))
    print(json.dumps([{"type": kind, "paths": found} for kind, found in sorted(kinds.items())]))


def show(folder):
    counts = collections.Counter()
    kinds = collections.Counter()
    examples = {}
    files = sorted(glob.glob(os.path.join(glob.escape(folder), "*.ndjson")))
    for path in files:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                document = json.loads(line)
                event = document.get("event", {})
                kind = event.get("dataset", "")
                kinds[kind] += 1
                counts[(kind, event.get("action") or "(no action)")] += 1
                # The first that says most of its kind: a program that was run, a process that ended.
                telling = "args" in document.get("process", {})
                if kind not in examples or telling and not examples[kind][0]:
                    examples[kind] = (telling, document)
    if not counts:
        sys.exit(f"error: no documents in {folder}")
    for kind, (_, document) in sorted(examples.items()):
        print(f"\n== one document of {kind}\n")
        print(json.dumps(document, indent=2, ensure_ascii=False))
    print("\n== documents by event.action\n")
    for (kind, action), count in sorted(counts.items(), key=lambda row: (row[0][0], -row[1], row[0][1])):
        print(f"{count:8}  {kind:20} {action}")
    print("\n== files\n")
    for path in files:
        print(f"{os.path.getsize(path):12,} bytes  {os.path.abspath(path)}")
    print("\n" + ", ".join(f"{count:,} of {kind}" for kind, count in sorted(kinds.items())))


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == "inputs":
        inputs(sys.argv[2:])
    elif len(sys.argv) == 3 and sys.argv[1] == "show":
        show(sys.argv[2])
    else:
        sys.exit(__doc__)
