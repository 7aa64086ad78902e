#!/usr/bin/env python3
"""Hosts -> Kafka -> indexers -> OpenSearch, on this machine, while broker, indexers and agents are killed at random: in
the index is each id exactly once, and in Kafka the documents of each host are in order. Then, without kills: how long
it takes from a record to a document that a search finds; all the real logs of the tests the same way, each document
compared; the rate of two indexers over all of the topic again.

  tests/long/kafka_fleet.py [--agent PROGRAM] [--hosts 200] [--events 200] [--seconds 120] [--indexers 2] [--seed N]

Ends with 77 where the servers cannot be started and are not required (CI=true requires them).
"""
import argparse
import collections
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

import agent as agents
import kafka_golden
from elasticsearch_kills import ask, free_port, scan

sys.path.insert(0, str(agents.SOURCE / "bench"))
import fleet  # noqa: E402  (its folder is put on the path first)

SERVICES = agents.SOURCE / "tests/services"
TOPIC = "actabeat"
PARTITIONS = 8
EVENT_ID = re.compile(r"event\.id=([^,]*)$")


def service(name, verb, folder, *more, settings=""):
    env = dict(os.environ, KAFKA_CONFIG=settings)
    return subprocess.run([str(SERVICES / f"{name}.sh"), verb, str(folder), *map(str, more)], env=env,
                          stdout=subprocess.DEVNULL).returncode == 0


class Fleet:
    def __init__(self, given, folder):
        self.given, self.folder = given, pathlib.Path(folder)
        self.random = random.Random(given.seed)
        self.kafka_ports = [free_port() for _ in range(2)]
        self.kafka = f"127.0.0.1:{self.kafka_ports[0]}"
        self.search_port = free_port()
        self.base = f"http://127.0.0.1:{self.search_port}"
        self.indexers = {}
        output = (f"output.kafka:\n  hosts: [\"{self.kafka}\"]\n  topic: {TOPIC}\n  backoff.max: 2s\n"
                  f"  timeout: 5s")
        self.hosts = fleet.Hosts(given.agent, folder, given.hosts, output, fleet.first_events(given.events))

    def start_kafka(self):
        # Records have the times of events, which are old: nothing is to be deleted for that.
        return service("kafka", "start", self.folder / "kafka", *self.kafka_ports,
                       settings=f"num.partitions={PARTITIONS}\nlog.retention.ms=-1")

    def start_servers(self):
        if not self.start_kafka() or not service("opensearch", "start", self.folder / "search", self.search_port):
            print("the servers cannot be started")
            raise SystemExit(1 if os.environ.get("CI") == "true" else 77)
        ask(self.base, "PUT", "/_index_template/logs-actabeat",
            {"index_patterns": ["logs-actabeat.*"], "data_stream": {}, "priority": 500,
             "template": {"settings": {"number_of_replicas": 0, "index.refresh_interval": "1s"},
                          "mappings": {"dynamic": False}}})

    def stop_servers(self):
        service("kafka", "stop", self.folder / "kafka")
        service("opensearch", "stop", self.folder / "search")

    def start_indexer(self, number, space="default", topic=TOPIC):
        config = self.folder / f"indexer-{space}-{number}.yml"
        config.write_text(f"""
actabeat.inputs:
  - type: kafka
    hosts: ["{self.kafka}"]
    topics: [{topic}]
    group_id: indexer-{space}
    kafka: {{session.timeout.ms: 6000, heartbeat.interval.ms: 1000}}
path.data: {self.folder}/indexer-{space}-{number}
actabeat.registry.flush: 200ms
output.elasticsearch:
  hosts: ["{self.base}"]
  namespace: {space}
  workers: auto
  backoff.max: 2s
""")
        self.indexers[number] = agents.start(self.given.agent, config, self.folder / f"indexer-{number}.err",
                                             once=False)

    def count(self, space="default", kind="audit"):
        try:
            ask(self.base, "POST", f"/logs-actabeat.{kind}-{space}/_refresh")
            return ask(self.base, "GET", f"/logs-actabeat.{kind}-{space}/_count")["count"]
        except OSError:
            return 0

    def wait_for(self, count, space, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.count(space) >= count:
                return True
            time.sleep(0.2)
        return False

    def kill_one(self, kills):
        """The broker now and then, else an agent or an indexer, which come back at once."""
        what = self.random.choice(["agent", "agent", "indexer", "indexer", "broker"])
        if what == "broker":
            service("kafka", "crash", self.folder / "kafka")
            if not self.start_kafka():
                raise SystemExit("the broker does not come back")
        elif what == "indexer":
            number = self.random.choice(sorted(self.indexers))
            self.indexers[number].kill()
            self.indexers[number].wait()
            self.start_indexer(number)
        else:
            for name in self.random.sample(self.hosts.names, max(1, len(self.hosts.names) // 20)):
                self.hosts.kill(name)
                self.hosts.start(name)
        kills[what] += 1

    def run(self):
        """Everything at work, and killed. What was killed how often."""
        for number in range(self.given.indexers):
            self.start_indexer(number)
        for name in self.hosts.names:
            self.hosts.start(name)
        writer = self.hosts.write_behind(self.given.seconds)
        kills = collections.Counter()
        while writer.is_alive():
            writer.join(self.random.uniform(0.5, 4))
            self.kill_one(kills)
        return kills

    def topic(self):
        """Ids in each partition's order, by host, as kcat reads them; and the partitions of each host."""
        text = subprocess.run(["kcat", "-C", "-q", "-e", "-o", "beginning", "-b", self.kafka, "-t", TOPIC, "-f",
                               "%p\\t%k\\t%h\\n"], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
        ids, partitions = collections.defaultdict(list), collections.defaultdict(set)
        for line in text.splitlines():
            partition, key, headers = line.split("\t")
            if "data_stream.dataset=actabeat.audit," not in headers:
                continue  # documents of the agents' health
            ids[key].append(EVENT_ID.search(headers).group(1))
            partitions[key].add(partition)
        return ids, partitions

    def order_faults(self, expected):
        """Of each host: a document may come again with those after it, but never before those that precede it."""
        faults, copies = [], 0
        ids, partitions = self.topic()
        for name in self.hosts.names:
            place = {f"{name}:{key}": number for number, key in enumerate(expected)}
            reached = -1
            for key in ids[name]:
                number = place.get(key)
                if number is None or number > reached + 1:
                    faults.append(f"{name}: {key} after {reached + 1} of {len(expected)} documents")
                    break
                copies += number <= reached
                reached = max(reached, number)
            if reached + 1 != len(expected):
                faults.append(f"{name}: {reached + 1} of {len(expected)} documents are in the topic")
            if len(partitions[name]) != 1:
                faults.append(f"{name}: in partitions {sorted(partitions[name])}")
        return faults, copies

    def rate(self, count):
        """Documents per second of two fresh indexers over the whole topic."""
        for number in range(2):
            self.start_indexer(number, "rate")
        first = 0
        while not first:
            first = self.count("rate")
            time.sleep(0.05)
        begin = time.monotonic()
        cpu = [fleet.cpu_seconds(process.pid) for process in self.indexers.values()]
        done = self.wait_for(count, "rate", 600)
        seconds = time.monotonic() - begin
        spent = sum(fleet.cpu_seconds(process.pid) for process in self.indexers.values()) - sum(cpu)
        return (count - first) / seconds, spent / max(count - first, 1), done

    def latencies(self, times):
        """Seconds from the writing of a record to a search that finds its document."""
        name = self.hosts.names[0]
        found = []
        for number in range(times):
            stamp = f"{1_900_000_000 + number}.000:{number + 1}"
            begin = time.monotonic()
            with open(self.hosts.log(name), "ab") as file:
                file.write(f"type=USER_LOGIN msg=audit({stamp}): pid=1 uid=0 auid=1000 ses=1 msg='op=login acct=\"a\" "
                           f"exe=\"/usr/sbin/sshd\" hostname=h addr=10.0.0.1 terminal=ssh res=success'\n".encode())
            query = {"query": {"ids": {"values": [f"{name}:{stamp}"]}}}
            while time.monotonic() < begin + 60:
                if ask(self.base, "POST", "/logs-actabeat.audit-default/_search", query)["hits"]["hits"]:
                    break
                time.sleep(0.01)
            found.append(time.monotonic() - begin)
            time.sleep(self.random.uniform(0, 1))
        return sorted(found)

    def golden(self):
        """Faults of the real logs in the index."""
        sent = kafka_golden.ship(self.given.agent, self.folder, self.kafka)
        self.start_indexer(0, kafka_golden.SPACE, kafka_golden.TOPIC)
        end = time.monotonic() + 300
        while self.count(kafka_golden.SPACE, "*") < len(sent) and time.monotonic() < end:
            time.sleep(0.5)
        return kafka_golden.compare(sent, self.base)

    def stop_indexers(self):
        for process in self.indexers.values():
            process.terminate()
        for process in self.indexers.values():
            process.wait()
        self.indexers.clear()


def check(given, folder):
    run = Fleet(given, folder)
    expected = run.hosts.expected()
    everything = len(expected) * given.hosts
    print(f"{given.hosts} hosts with {len(expected)} documents of {run.hosts.document_bytes:.0f} bytes each",
          flush=True)
    run.start_servers()
    try:
        begin = time.monotonic()
        kills = run.run()
        arrived = run.wait_for(everything, "default", 300)
        print(f"killed {dict(kills)}; all there: {arrived}, after {time.monotonic() - begin:.0f} s", flush=True)
        found = scan(run.base, "logs-actabeat.audit-default")
        faults, copies = run.order_faults(expected)
        if given.latencies:
            waits = run.latencies(given.latencies)
            print(f"from record to search, {len(waits)} times: median {waits[len(waits) // 2]:.2f} s, "
                  f"longest {waits[-1]:.2f} s", flush=True)
        run.hosts.stop()
        run.stop_indexers()
        faults += run.golden()
        run.stop_indexers()
        if given.rate:
            rate, cost, done = run.rate(everything)
            print(f"two indexers: {rate:.0f} documents per second into one OpenSearch beside them, "
                  f"{1e6 * cost:.1f} µs CPU each; all there: {done}", flush=True)
            run.stop_indexers()
    finally:
        run.hosts.stop()
        run.stop_indexers()
        run.stop_servers()
    wanted = {f"{name}:{key}" for name in run.hosts.names for key in expected}
    missing, alien = wanted - found.keys(), found.keys() - wanted
    doubled = [key for key, times in found.items() if times > 1]
    for fault in faults[:10]:
        print(fault)
    print(f"expected {len(wanted)}, found {len(found)} ids; missing {len(missing)}, doubled {len(doubled)}, unknown "
          f"{len(alien)}; faults {len(faults)}; copies in the topic {copies}")
    return not (missing or doubled or alien or faults)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agent", default=str(agents.SOURCE / "build/release/actabeat"))
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--indexers", type=int, default=2)
    parser.add_argument("--latencies", type=int, default=20)
    parser.add_argument("--rate", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    print("seed", given.seed, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        good = check(given, folder)
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
