#!/usr/bin/env python3
"""Measures the queue on disk in the running agent: its rate beside the queue in memory, the memory and the start-up
time with a large backlog. scripts/bench_spool calls it."""
import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

from end_to_end import make, measure

MEMORY = ""
DISK = "queue.disk.max_size: 30GB\nqueue.disk.reserve: 0\n"


def configure(folder, log, queue, kind="audit_log", more=""):
    path = pathlib.Path(folder, "actabeat.yml")
    path.write_text(f"actabeat.inputs:\n  - type: {kind}\n    paths: ['{log}']\nhost.id: h1\npath.data: {folder}/data\n"
                    f"{queue}output.file:\n  path: {folder}/out\n  rotate_every_kb: 4000000\n{more}")
    return path


def command(given, config, *more):
    return [given.agent, "run", "-c", str(config), "--strict.perms=false", "-e", *more]


def rate(given):
    """run --once on a large log, with each queue by turns."""
    taken = {"memory": [], "disk": []}
    with tempfile.TemporaryDirectory() as folder:
        log, made = make(pathlib.Path(folder), "audit.log", "audit", given.audit, "--megabytes", str(given.megabytes))
        for turn in range(given.runs * 2):
            name = "memory" if turn % 2 == 0 else "disk"
            subprocess.run(["rm", "-rf", f"{folder}/data", f"{folder}/out"], check=True)
            config = configure(folder, log, MEMORY if name == "memory" else DISK)
            taken[name].append(measure(command(given, config, "--once")))
        print(f"run --once, {made['events']:,} events, output to a file; median of {given.runs} runs by turns")
        print(f"{'queue':10} {'per wall s':>12} {'per CPU s':>12} {'wall s':>8} {'CPU s':>8} {'peak MB':>8}")
        medians = {}
        for name, runs in taken.items():
            cpu, rss, wall = (statistics.median(column) for column in zip(*runs))
            medians[name] = (made["events"] / wall, made["events"] / cpu)
            print(f"{name:10} {medians[name][0]:12,.0f} {medians[name][1]:12,.0f} {wall:8.2f} {cpu:8.2f} {rss:8.1f}")
        by_wall, by_cpu = (medians["disk"][i] / medians["memory"][i] for i in (0, 1))
        print(f"disk at {by_wall:.2f} of the rate with memory by wall time, {by_cpu:.2f} by CPU time\n", flush=True)


def inspect(given, config):
    run = subprocess.run([given.agent, "spool", "inspect", "--json", "-c", str(config), "--strict.perms=false"],
                         stdout=subprocess.PIPE, check=False)
    return json.loads(run.stdout) if run.returncode == 0 else None


def memory_of(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return {key: int(re.search(rf"{key}:\s+(\d+)", status).group(1)) / 1024 for key in ("VmRSS", "VmHWM")}


def backlog(given):
    """Ten million documents wait."""
    fill(given, given.documents, DISK)


def full(given):
    """A spool of 10 GB, not compressed so that it is made quickly: 160 segments."""
    fill(given, 5_100_000, DISK + "queue.disk.compression_level: 0\n")


def fill(given, documents, queue):
    """Fills a spool while the output is down, then starts over it."""
    with tempfile.TemporaryDirectory() as folder:
        megabytes = documents * 64 / 1e6
        log, made = make(pathlib.Path(folder), "pacct", "pacct", given.pacct, "--megabytes", str(megabytes))
        out = pathlib.Path(folder, "out")
        out.write_text("in the way: the output is down")
        config = configure(folder, log, queue, "pacct")
        data = pathlib.Path(folder, "data")
        with open(f"{folder}/log", "wb") as said:
            process = subprocess.Popen(command(given, config), stdout=said, stderr=said)
            try:
                while True:
                    time.sleep(2)
                    if process.poll() is not None:
                        sys.exit(pathlib.Path(folder, "log").read_text()[-2000:])
                    cursors = (data / "registry.json").read_text() if (data / "registry.json").exists() else ""
                    if f'"at":[1,{made["bytes"]}]' in cursors:
                        break
                    if time.monotonic() > given.deadline:
                        sys.exit("the backlog took too long")
                used = memory_of(process)
                found = inspect(given, config)
            finally:
                process.kill()
                process.wait()
        print(f"{found['documents']:,} documents wait in {len(found['segments'])} segments of "
              f"{found['bytes'] / 1e9:.1f} GB; the agent has {used['VmRSS']:.1f} MB resident, {used['VmHWM']:.1f} MB "
              "at most")
        starts = []
        for _ in range(given.runs):
            with open(f"{folder}/log", "wb") as said:
                begun = time.monotonic()
                process = subprocess.Popen(command(given, config), stdout=said, stderr=said)
                try:
                    while b" starts" not in pathlib.Path(folder, "log").read_bytes():
                        time.sleep(0.002)
                        if process.poll() is not None:
                            sys.exit(pathlib.Path(folder, "log").read_text()[-2000:])
                    starts.append(time.monotonic() - begun)
                    time.sleep(3)
                    used = memory_of(process)
                finally:
                    process.kill()
                    process.wait()
        print(f"start-up over it: {statistics.median(starts):.3f} s (median of {given.runs}); then "
              f"{used['VmRSS']:.1f} MB resident")
        out.unlink()
        with open(f"{folder}/log", "wb") as said:
            process = subprocess.Popen(command(given, config, "--once"), stdout=said, stderr=said)
            begun, peak = time.monotonic(), 0
            while process.poll() is None and time.monotonic() - begun < given.drain:
                peak = max(peak, memory_of(process)["VmHWM"])
                time.sleep(0.5)
            process.kill()
            process.wait()
        print(f"while it drains: {peak:.1f} MB at most", flush=True)


PARTS = {"rate": rate, "backlog": backlog, "full": full}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {' '.join(PARTS)}; all without")
    parser.add_argument("--agent", required=True)
    parser.add_argument("--audit", required=True, help="real audit log to make a large one of")
    parser.add_argument("--pacct", required=True, help="real accounting file, version 3")
    parser.add_argument("--megabytes", type=float, default=134)
    parser.add_argument("--documents", type=int, default=10_000_000)
    parser.add_argument("--drain", type=float, default=20, help="seconds of draining that are measured")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    given.deadline = time.monotonic() + 3600
    for part in given.parts or PARTS:
        if part not in PARTS:
            parser.error(f"{part}: no such part; there are {' '.join(PARTS)}")
        PARTS[part](given)


if __name__ == "__main__":
    main()
