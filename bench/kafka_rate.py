#!/usr/bin/env python3
"""What shipping to Kafka costs the agent above encoding: CPU of the whole process for a log into a broker on this host,
less that of the same log onto the console (/dev/null), by turns in one run. Medians.

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


def cpu_of(agent, config):
    """Seconds of CPU, and documents, of one run to the end of the log."""
    command = [agent, "run", "-c", str(config), "--strict.perms=false", "-e", "--once"]
    with tempfile.TemporaryFile() as log:
        pid = os.posix_spawn(agent, command, os.environ, file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0), (os.POSIX_SPAWN_DUP2, log.fileno(), 2)])
        _, status, usage = os.wait4(pid, 0)
        log.seek(0)
        text = log.read().decode()
    if status != 0:
        raise SystemExit(text)
    return usage.ru_utime + usage.ru_stime, int(text.rsplit(" = accepted ", 1)[1].split()[0])


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
        outputs = {"console": "output.console: {}"}
        for codec in given.codecs.split(","):
            outputs[codec] = (f"output.kafka:\n  hosts: [\"{address}\"]\n  topic: rate-{codec}\n"
                              f"  compression: {codec}\n  backoff.max: 1s")
        seconds = {name: [] for name in outputs}
        documents = 0
        for turn in range(given.runs):
            for name, output in outputs.items():
                config = agents.write_config(folder, f"{name}-{turn}", log, output)
                spent, documents = cpu_of(given.agent, config)
                seconds[name].append(spent)
        base = statistics.median(seconds.pop("console"))
        print(f"{documents} documents; onto the console {1e6 * base / documents:.2f} µs each")
        for codec, spent in seconds.items():
            above = (statistics.median(spent) - base) / documents
            print(f"kafka, {codec}: {1e6 * above:.2f} µs above that, {1 / above:.0f} documents per CPU second of the "
                  "output with librdkafka's threads")


if __name__ == "__main__":
    main()
