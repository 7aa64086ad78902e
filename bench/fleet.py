#!/usr/bin/env python3
"""Many hosts on one: each has an audit log of its own, which grows at a given pace by the records of a real one, and an
agent of its own that ships it to Kafka under a host.id of its own. Prints what an agent costs.

  bench/fleet.py --kafka ADDRESS [--topic actabeat] [--hosts 200] [--events 200] [--pace 5] [--agent PROGRAM]

--events: of each host; --pace: events per second and host.
"""
import argparse
import os
import pathlib
import re
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/long"))
import agent as agents  # noqa: E402  (its folder is put on the path first)

KEY = re.compile(rb"msg=audit\((\d+\.\d{3}:\d+)\):")


def whole_events(lines):
    """The lines in parts between which no event is open, so that each part makes the same documents whenever it is
    written."""
    last = {KEY.search(line).group(1): number for number, line in enumerate(lines)}
    part, open_until = [], -1
    for number, line in enumerate(lines):
        part.append(line)
        open_until = max(open_until, last[KEY.search(line).group(1)])
        if number >= open_until:
            yield b"".join(part)
            part = []


def first_events(count):
    """Parts of a real log that hold that many events together, or a few more."""
    text = agents.unpacked(agents.SOURCE / "tests/data/interleaved.log.zst")
    parts, events = [], 0
    for part in whole_events([line + b"\n" for line in text.split(b"\n") if KEY.search(line)]):
        if events >= count:
            break
        parts.append(part)
        events += len(set(KEY.findall(part)))
    return parts


class Hosts:
    """The agents of `count` hosts. `output`: YAML of their output."""

    def __init__(self, program, folder, count, output, parts):
        self.program, self.folder, self.parts = program, pathlib.Path(folder), parts
        self.names = [f"host-{number:04}" for number in range(count)]
        self.processes = {}
        self.written = {name: 0 for name in self.names}  # parts
        for name in self.names:
            self.log(name).touch()
            (self.folder / f"{name}.yml").write_text(f"""
actabeat.inputs:
  - type: audit_log
    paths: ["{self.log(name)}"]
host.id: {name}
path.data: {self.folder}/{name}
actabeat.registry.flush: 200ms
actabeat.shutdown_timeout: 5s
actabeat.sessions.enabled: false
queue.mem.events: 2048
{output}
""")

    def log(self, name):
        return self.folder / f"{name}.log"

    def start(self, name):
        self.processes[name] = agents.start(self.program, self.folder / f"{name}.yml",
                                            self.folder / f"{name}.err", once=False)

    def kill(self, name):
        self.processes[name].kill()
        self.processes[name].wait()

    def stop(self):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait()

    def write(self, seconds):
        """All logs grow evenly over that time, to their ends."""
        begin = time.monotonic()
        for number, part in enumerate(self.parts):
            pause = begin + seconds * number / len(self.parts) - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            for name in self.names:
                with open(self.log(name), "ab") as file:
                    file.write(part)
                self.written[name] = number + 1

    def write_behind(self, seconds):
        writer = threading.Thread(target=self.write, args=(seconds,), daemon=True)
        writer.start()
        return writer

    def expected(self):
        """Ids of the documents of each host, in their order."""
        log = self.folder / "all.log"
        log.write_bytes(b"".join(self.parts))
        config = agents.write_config(self.folder, "expected", log, "actabeat.sessions.enabled: false\noutput.file:\n"
                                     f"  path: {self.folder}/expected-out\n  rotate_every_kb: 0")
        agents.run(self.program, config, f"{self.folder}/expected.err")
        ids = re.findall(rb'"event":\{[^{}]*?"id":"h1:([^"]*)"',
                         (self.folder / "expected-out/actabeat.ndjson").read_bytes())
        self.document_bytes = os.path.getsize(self.folder / "expected-out/actabeat.ndjson") / max(len(ids), 1)
        return [key.decode() for key in ids]


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agent", default=str(agents.SOURCE / "build/release/actabeat"))
    parser.add_argument("--kafka", required=True)
    parser.add_argument("--topic", default="actabeat")
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--pace", type=float, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        hosts = Hosts(given.agent, folder, given.hosts,
                      f"output.kafka:\n  hosts: [\"{given.kafka}\"]\n  topic: {given.topic}",
                      first_events(given.events))
        documents = len(hosts.expected())
        for name in hosts.names:
            hosts.start(name)
        time.sleep(2)
        idle = [cpu_seconds(process.pid) for process in hosts.processes.values()]
        seconds = documents / given.pace
        hosts.write(seconds)
        time.sleep(2)
        spent = [cpu_seconds(process.pid) for process in hosts.processes.values()]
        memory = [agents.rss_mib(process.pid) for process in hosts.processes.values()]
        hosts.stop()
    each = (sum(spent) - sum(idle)) / given.hosts
    print(f"{given.hosts} hosts, {documents} documents each of {hosts.document_bytes:.0f} bytes, {given.pace} a second:"
          f" {each:.3f} CPU s each ({100 * each / seconds:.2f} % of a core), {sum(memory) / len(memory):.1f} MiB "
          f"resident each, {max(memory):.1f} at most")


if __name__ == "__main__":
    main()
