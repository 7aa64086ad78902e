#!/usr/bin/env python3
"""What shipping to Kafka costs the agent: CPU of the output's thread and librdkafka's, per document, for a log into a
broker on this host. Medians of runs by turns.

  bench/kafka_rate.py [--agent PROGRAM] [--megabytes 60] [--runs 3] [--codecs lz4,none,zstd] [--kafka ADDRESS]

Without --kafka it starts a broker by tests/services.
"""
import argparse
import contextlib
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/long"))
import agent as agents  # noqa: E402  (its folder is put on the path first)
from elasticsearch_kills import free_port  # noqa: E402


@contextlib.contextmanager
def broker(given, folder):
    if given:
        yield given
        return
    script = str(agents.SOURCE / "tests/services/kafka.sh")
    ports = [free_port(), free_port()]
    subprocess.run([script, "start", f"{folder}/kafka", *map(str, ports)], check=True, stdout=subprocess.DEVNULL,
                   env=dict(os.environ, KAFKA_CONFIG="num.partitions=1\nlog.retention.ms=-1"))
    try:
        yield f"127.0.0.1:{ports[0]}"
    finally:
        subprocess.run([script, "stop", f"{folder}/kafka"], check=True, stdout=subprocess.DEVNULL)


def threads(pid):
    """Seconds of CPU of each thread with its name, in the order of their making."""
    for task in sorted(os.listdir(f"/proc/{pid}/task"), key=int):
        name = pathlib.Path(f"/proc/{pid}/task/{task}/comm").read_text(encoding="ascii").strip()
        yield name, int(pathlib.Path(f"/proc/{pid}/task/{task}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9


def cpu_of(agent, config, log):
    """Seconds of the pipeline's thread and of all that sends, and documents, of one run until nothing is done more."""
    process = agents.start(agent, config, log, once=False)
    before = -1
    while True:
        time.sleep(1)
        each = list(threads(process.pid))
        if sum(seconds for _, seconds in each) - before < 0.02:
            break
        before = sum(seconds for _, seconds in each)
    process.terminate()
    if process.wait() != 0:
        raise SystemExit(f"the agent ended with {process.returncode}; see {log}")
    ours = [seconds for name, seconds in each if not name.startswith("rdk:")]
    sending = ours[-1] + sum(seconds for name, seconds in each if name.startswith("rdk:"))
    text = pathlib.Path(log).read_text(encoding="utf-8")
    return ours[-2], sending, int(text.rsplit(" = accepted ", 1)[1].split()[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agent", default=str(agents.SOURCE / "build/release/actabeat"))
    parser.add_argument("--megabytes", type=float, default=60)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--codecs", default="lz4,none,zstd")
    parser.add_argument("--kafka", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, broker(given.kafka, folder) as address:
        log = f"{folder}/audit.log"
        agents.make_log(log, given.megabytes)
        sending = {codec: [] for codec in given.codecs.split(",")}
        making = []
        for turn in range(given.runs):
            for codec, spent in sending.items():
                name = f"{codec}-{turn}"
                config = agents.write_config(folder, name, log,
                                             f"output.kafka:\n  hosts: [\"{address}\"]\n  topic: rate-{codec}\n"
                                             f"  compression: {codec}\n  backoff.max: 1s")
                made, sent, documents = cpu_of(given.agent, config, f"{folder}/{name}.err")
                making.append(made / documents)
                spent.append(sent / documents)
        print(f"{documents} documents; read, made and encoded in {1e6 * statistics.median(making):.2f} µs each")
        for codec, spent in sending.items():
            each = statistics.median(spent)
            print(f"{codec}: sent in {1e6 * each:.2f} µs each, {1 / each:.0f} documents per CPU second of the output's "
                  "thread and librdkafka's")


if __name__ == "__main__":
    main()
