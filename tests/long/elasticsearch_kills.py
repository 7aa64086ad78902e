#!/usr/bin/env python3
"""A real server is killed again and again under load, the agent likewise, and the stream is rolled over in between:
in the end the index holds each id of the input exactly once, proved by a scan of all of it.

  tests/long/elasticsearch_kills.py [--agent PROGRAM] [--kills 10] [--megabytes 100] [--queue mem|disk] [--seed N]
"""
import argparse
import collections
import json
import random
import socket
import subprocess
import tempfile
import time
import urllib.request

import agent as agents

SERVER = agents.SOURCE / "tests/services/opensearch.sh"
STREAM = "logs-actabeat.audit-default"


def ask(base, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, method=method, data=data,
                                     headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)


def hits(base, streams, size, **more):
    """Every document of the streams, `size` of them in an answer; `more` goes into the body of the search."""
    ask(base, "POST", f"/{streams}/_refresh")
    page = ask(base, "POST", f"/{streams}/_search?scroll=5m", {"size": size, "sort": ["_doc"], **more})
    while page["hits"]["hits"]:
        yield from page["hits"]["hits"]
        page = ask(base, "POST", "/_search/scroll", {"scroll": "5m", "scroll_id": page["_scroll_id"]})


def scan(base, stream=STREAM):
    """How often each id is in the stream."""
    return collections.Counter(hit["_id"] for hit in hits(base, stream, 10000, _source=False))


def count(base):
    try:
        ask(base, "POST", f"/{STREAM}/_refresh")
        return ask(base, "GET", f"/{STREAM}/_count")["count"]
    except OSError:
        return 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def server(verb, folder, *more):
    subprocess.run([str(SERVER), verb, folder, *map(str, more)], check=True, stdout=subprocess.DEVNULL)


class Run:
    def __init__(self, given, folder):
        self.given, self.folder = given, folder
        self.random = random.Random(given.seed)
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.log = f"{folder}/audit.log"
        self.rollovers = 0
        self.documents = 0

    def start_server(self):
        server("start", f"{self.folder}/server", self.port)

    def roll_over(self):
        try:
            ask(self.base, "POST", f"/{STREAM}/_rollover")
            self.rollovers += 1
        except OSError:
            pass  # nothing there yet

    def wait_for_progress(self, process):
        """Until documents have arrived since the last call: a kill has to meet an agent at work."""
        end = time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None:
            now = count(self.base)
            if now > self.documents:
                self.documents = now
                return
            time.sleep(0.1)

    def kill_all(self, config):
        """Rounds of: the agent runs for a while, then it or the server is killed, under load."""
        kills = collections.Counter()
        process = None
        while kills["server"] < self.given.kills or kills["agent"] < self.given.kills:
            if process is None or process.poll() is not None:
                if process is not None and process.returncode == 0:
                    break
                process = agents.start(self.given.agent, config, f"{self.folder}/agent.log")
            self.wait_for_progress(process)
            time.sleep(self.random.uniform(0, 0.7))
            victim = "server" if kills["server"] <= kills["agent"] else "agent"
            if victim == "server":
                server("crash", f"{self.folder}/server")
                self.start_server()
            else:
                process.kill()
                process.wait()
            kills[victim] += 1
            if self.random.random() < 0.5:
                self.roll_over()
            print(f"killed the {victim}: {kills['server']} + {kills['agent']}, "
                  f"{count(self.base)} documents, {self.rollovers} rollovers", flush=True)
        if process is not None and process.poll() is None:
            process.terminate()
            process.wait()
        return kills


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agent", default=str(agents.SOURCE / "build/release/actabeat"))
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--queue", choices=("mem", "disk"), default="mem")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    print("seed", given.seed, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        run = Run(given, folder)
        agents.make_log(run.log, given.megabytes)
        expected = agents.expected_ids(given.agent, folder, run.log)
        print(len(expected), "documents expected", flush=True)
        run.start_server()
        try:
            ask(run.base, "PUT", "/_index_template/logs-actabeat",
                {"index_patterns": ["logs-actabeat.*"], "data_stream": {}, "priority": 500,
                 "template": {"settings": {"number_of_replicas": 0, "index.mapping.total_fields.limit": 5000},
                              "mappings": {"dynamic": False}}})
            queue = "queue.disk.max_size: 200MB" if given.queue == "disk" else "queue.mem.events: 4096"
            config = agents.write_config(folder, "agent", run.log,
                                         f"output.elasticsearch:\n  hosts: [\"{run.base}\"]\n  bulk_max_size: 500\n"
                                         "  backoff.max: 5s", queue)
            kills = run.kill_all(config)
            agents.run(given.agent, config, f"{folder}/agent.log")
            found = scan(run.base)
        finally:
            server("stop", f"{folder}/server")
    missing = expected - found.keys()
    alien = found.keys() - expected
    doubled = [key for key, times in found.items() if times > 1]
    print(f"kills: {dict(kills)}, rollovers: {run.rollovers}; expected {len(expected)}, found {len(found)} ids; "
          f"missing {len(missing)}, doubled {len(doubled)}, unknown {len(alien)}")
    raise SystemExit(1 if missing or doubled or alien else 0)


if __name__ == "__main__":
    main()
