#!/usr/bin/env python3
"""Kills a running agent again and again while its log grows, then compares what went in with what came out. Called by
scripts/kill. Every event in, no other out, and a document that came twice is the same but for when it was made."""
import argparse
import os
import pathlib
import random
import re
import secrets
import subprocess
import sys
import tempfile
import time

from bulk_sink import BulkSink

TOP = pathlib.Path(__file__).resolve().parent.parent
KEY = re.compile(rb"msg=audit\(([^)]*)\)")
ID = re.compile(rb'"id":"h1:([^"]*)"')
VARIES = re.compile(rb'"(created|ephemeral_id)":"[^"]*"')
DISK = "queue.disk.max_size: 1GB\nqueue.disk.segment_size: 1MB\nqueue.disk.sync: 10ms\nqueue.disk.reserve: 0\n"
QUEUES = {
    "mem": "queue.mem.events: 512\n",
    "disk": DISK,
    "encrypted": "queue.disk.max_size: 8MB\nqueue.disk.segment_size: 256KB\nqueue.disk.sync: always\n"
                 "queue.disk.reserve: 0\nqueue.disk.encryption.key_file: {folder}/key\n",
    "http": DISK,
}
MILLISECONDS_MAX = 150
FED_MAX = 400_000  # bytes that the log grows by in a round


class Log:
    """A growing log: repetitions of a real one of interleaved events, with serials of their own each time."""

    def __init__(self, path, sample, choose):
        self.path, self.choose, self.sample = path, choose, sample
        self.file = open(path, "wb")
        self.repeats = self.rotated = 0
        self.rest = b""

    def grow(self):
        """Appends up to FED_MAX bytes, which end at any byte."""
        size = self.choose.randrange(1, FED_MAX)
        while len(self.rest) < size:
            second = 1_500_000_000 + 100_000 * self.repeats
            base = int(re.search(rb"audit\((\d+)", self.sample).group(1))
            shift = second - base
            self.rest += re.sub(rb"audit\((\d+)", lambda m: b"audit(%d" % (int(m.group(1)) + shift), self.sample)
            self.repeats += 1
        self.write(self.rest[:size])

    def write(self, piece):
        self.file.write(piece)
        self.file.flush()
        self.rest = self.rest[len(piece):]

    def rotate(self):
        """As auditd does it: between two lines."""
        self.write(self.rest[:self.rest.find(b"\n") + 1])
        self.file.close()
        for n in range(self.rotated, 0, -1):
            os.rename(f"{self.path}.{n}", f"{self.path}.{n + 1}")
        os.rename(self.path, f"{self.path}.1")
        self.rotated += 1
        self.file = open(self.path, "wb")

    def end(self):
        """The rest, to the end of the last event."""
        self.write(self.rest)
        self.file.close()

    def keys(self):
        found = set()
        for n in [""] + [f".{n}" for n in range(1, self.rotated + 1)]:
            with open(f"{self.path}{n}", "rb") as file:
                for line in file:
                    found.add(KEY.search(line).group(1))
        return found


class FileOutput:
    """What the agent writes below `folder`."""

    def __init__(self, folder):
        self.folder = folder
        self.config = f"output.file:\n  path: {folder}\n  rotate_every_kb: 4000000\n"

    def documents(self):
        for path in sorted(pathlib.Path(self.folder).iterdir()):
            with open(path, "rb") as file:
                yield from file


class HttpOutput:
    """What the agent sends to a bulk API here, which takes each _id once, and sees what comes again."""

    def __init__(self):
        self.sink = BulkSink()
        self.config = (f"output.elasticsearch:\n  hosts: ['{self.sink.url}']\n  timeout: 2s\n"
                       "  backoff.init: 10ms\n  backoff.max: 100ms\n")

    def documents(self):
        self.sink.close()
        for source in [*self.sink.documents.values(), *(source for _, source in self.sink.conflicts)]:
            yield source + b"\n"


def check(keys, documents):
    """Compares; returns how many documents came more than once."""
    seen, doubled = {}, 0
    for line in documents:
        match = ID.search(line)
        if not match or not line.endswith(b"}\n"):
            sys.exit(f"FAILED: no whole document: {line[:200]!r}")
        content = hash(VARIES.sub(b"", line))
        if match.group(1) in seen:
            doubled += 1
            if seen[match.group(1)] != content:
                sys.exit(f"FAILED: {match.group(1)} came twice with different content")
        seen[match.group(1)] = content
    missing, unknown = keys - seen.keys(), seen.keys() - keys
    if missing or unknown:
        sys.exit(f"FAILED: {len(missing)} missing {sorted(missing)[:3]}, {len(unknown)} unknown {sorted(unknown)[:3]}")
    return doubled


def run(agent, queue, rounds, sample, choose):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "key").touch(mode=0o600)
        pathlib.Path(folder, "key").write_text(secrets.token_hex(32))
        output = HttpOutput() if queue == "http" else FileOutput(f"{folder}/out")
        config = pathlib.Path(folder, "actabeat.yml")
        config.write_text(f"actabeat.inputs:\n  - type: audit_log\n    paths: ['{folder}/audit.log']\nhost.id: h1\n"
                          f"path.data: {folder}/data\n{QUEUES[queue].format(folder=folder)}{output.config}"
                          "actabeat.registry.flush: 10ms\nlogging.level: warning\n")
        command = [agent, "run", "-c", config, "--strict.perms=false", "-e"]
        log = Log(f"{folder}/audit.log", sample, choose)
        begun, kills = time.monotonic(), 0
        with open(f"{folder}/log", "wb") as said:
            for turn in range(rounds):
                process = subprocess.Popen(command, stdout=said, stderr=said)
                log.grow()
                time.sleep(choose.random() * MILLISECONDS_MAX / 1000)
                if turn % 25 == 24:
                    log.rotate()
                if process.poll() is not None:
                    sys.exit(f"FAILED: the agent ended by itself:\n{pathlib.Path(folder, 'log').read_text()[-2000:]}")
                process.kill()
                process.wait()
                kills += 1
            log.end()
            status = subprocess.run(command + ["--once"], stdout=said, stderr=said, check=False).returncode
        if status != 0:
            sys.exit(f"FAILED: status {status} at the end:\n{pathlib.Path(folder, 'log').read_text()[-2000:]}")
        keys = log.keys()
        doubled = check(keys, output.documents())
        print(f"queue {queue}: {kills} kills, {log.rotated} rotations, {len(keys):,} events in = documents out, "
              f"{doubled:,} came again, {time.monotonic() - begun:.0f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=500)
    parser.add_argument("queues", nargs="*", metavar="QUEUE", help=f"of {' '.join(QUEUES)}; all without")
    parser.add_argument("--agent", required=True)
    given = parser.parse_args()
    seed = int(os.environ.get("SEED") or secrets.randbelow(1 << 32))
    print(f"SEED={seed}", flush=True)
    sample = subprocess.run(["zstd", "-dc", TOP / "tests/data/interleaved.log.zst"], stdout=subprocess.PIPE,
                            check=True).stdout
    for queue in given.queues or QUEUES:
        if queue not in QUEUES:
            parser.error(f"{queue}: no such queue; there are {' '.join(QUEUES)}")
        run(given.agent, queue, given.rounds, sample, random.Random(seed))


if __name__ == "__main__":
    main()
