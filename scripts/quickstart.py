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
RECORD_BYTES_MIN = 62  # of an accounting file's records, acct(5): version 1; others have 64
FLAGS_KNOWN = 0x3F  # AFORK to AGROUP
VERSION_MAX = 4
HEAD_BYTES = 1 << 20


def harmless(text):
    """The text without what a terminal would obey: control characters, and those that turn the direction of writing."""
    return re.sub("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", lambda c: f"\\u{ord(c[0]):04X}", text)


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
    if len(head) >= RECORD_BYTES_MIN and head[0] & ~FLAGS_KNOWN == 0 and head[1] & 0x7F <= VERSION_MAX and any(head):
        return "pacct"
    return "is neither an audit log nor an accounting file"


def files_of(path):
    """The path, or the files of the folder."""
    if not stat.S_ISDIR(os.stat(path).st_mode):
        return [path]
    files = [os.path.join(path, name) for name in sorted(os.listdir(path))]
    return [file for file in files if os.path.isfile(file)]


def sort_out(paths):
    """The files by kind. Ends the program with a line for each path that cannot be read."""
    kinds, wrong = {"audit_log": [], "pacct": []}, []
    for path in dict.fromkeys(map(os.path.abspath, paths)):
        try:
            files = files_of(path)
        except OSError as error:
            wrong.append(f"{path}: {error.strerror}")
            continue
        found = [(file, kind_of(file)) for file in files]
        for file, kind in found:
            if kind in kinds:
                kinds[kind] += [file] if file not in kinds[kind] else []
            elif files == [path]:
                wrong.append(f"{file}: {'is empty' if kind == 'empty' else kind}")
            else:
                print(f"passed over: {file}: {kind}", file=sys.stderr)
        if files != [path] and not any(kind in kinds for _, kind in found):
            wrong.append(f"{path}: no audit log and no accounting file in this folder")
    if wrong:
        sys.exit("\n".join("error: " + line for line in wrong))
    return kinds


def inputs(paths):
    """One input for logs read with what was rotated away from them (X of X, X.1, X.2), one for single files."""
    entries = []
    for kind, files in sort_out(paths).items():
        rotated = {file for file in files if re.sub(r"\.\d+$", "", file) in files and re.search(r"\.\d+$", file)}
        whole = {re.sub(r"\.\d+$", "", file) for file in rotated}
        single = [file for file in files if file not in rotated and file not in whole]
        for name, group, include in (("rotated", sorted(whole), True), ("single", single, False)):
            if group:
                # Paths are patterns to the agent: what is special in these is not meant so.
                entries.append({"type": kind, "id": f"{kind}-{name}", "include_rotated": include,
                                "paths": [glob.escape(file) for file in group]})
    print(json.dumps(entries))


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
        print(harmless(json.dumps(document, indent=2, ensure_ascii=False)))
    print("\n== documents by event.action\n")
    for (kind, action), count in sorted(counts.items(), key=lambda row: (row[0][0], -row[1], row[0][1])):
        print(harmless(f"{count:8}  {kind:20} {action}"))
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
