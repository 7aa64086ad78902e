#!/usr/bin/env python3
"""What shipping to Elasticsearch costs the agent: documents per CPU second of the output's thread (it reads the queue,
makes and compresses the body, sends it, reads the reply), against a sink on this host that answers at once.

  bench/elasticsearch_rate.py [--agent PROGRAM] [--megabytes 400] [--server URL] [--filebeat PROGRAM]

--server ships to a real server instead of the sink: what comes then is the server's rate, and its cost to us.
--filebeat ships the same documents, ready as lines of a file, by that Filebeat too: what its process costs for each.
"""
import argparse
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/long"))
import agent as agents  # noqa: E402  (its folder is put on the path first)

IDS = re.compile(rb'^\{"create":\{"_index":"[^"]*","_id":"([^"]*)"', re.M)


class Sink(http.server.BaseHTTPRequestHandler):
    """Takes every document; counts them and their bytes."""
    protocol_version = "HTTP/1.1"
    documents = plain = wire = 0

    def log_message(self, *_):
        pass

    def reply(self, data, status=200):
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.reply(b'{"cluster_name":"sink","version":{"number":"9.0.0"}}')

    def do_POST(self):
        packed = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self.path.startswith("/_bulk"):
            return self.reply(b"{}", 404)
        body = zlib.decompress(packed, 31)
        ids = IDS.findall(body) or [b"-"] * (body.count(b"\n") // 2)  # Filebeat gives none
        self.reply(b'{"items":[' + b",".join(b'{"create":{"_id":"' + key + b'","status":201}}' for key in ids) + b"]}")
        Sink.documents += len(ids)
        Sink.plain += len(body)
        Sink.wire += len(packed)


def threads(pid):
    """CPU seconds of each thread, in the order of their making."""
    seconds = []
    for task in sorted(os.listdir(f"/proc/{pid}/task"), key=int):
        fields = pathlib.Path(f"/proc/{pid}/task/{task}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        seconds.append((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))
    return seconds


def delivered(server):
    if server is None:
        return Sink.documents
    try:
        with urllib.request.urlopen(server + "/logs-actabeat.audit-*/_count", timeout=30) as reply:
            return json.load(reply)["count"]
    except OSError:
        return 0


def ship(start, server, expected):
    """Starts a shipper; when all is delivered: seconds, and the CPU seconds of its threads."""
    before = delivered(server)
    begin = time.monotonic()
    process = start()
    try:
        while delivered(server) - before < expected and time.monotonic() - begin < 900:
            time.sleep(0.2)
        wall = time.monotonic() - begin
        time.sleep(0.3)
        return wall, threads(process.pid)
    finally:
        process.terminate()
        process.wait()


def start_filebeat(program, folder, documents, url):
    """Filebeat with one worker, as large requests as ours and the same compression; nothing but reading and sending."""
    config = pathlib.Path(folder) / "filebeat.yml"
    config.write_text(f"""
filebeat.inputs:
  - {{type: log, paths: ["{documents}"], json.keys_under_root: true, json.overwrite_keys: true}}
path: {{home: "{folder}/filebeat", data: "{folder}/filebeat", logs: "{folder}/filebeat"}}
setup: {{template.enabled: false, ilm.enabled: false}}
output.elasticsearch: {{hosts: ["{url}"], index: rate, compression_level: 1, bulk_max_size: 1600, worker: 1}}
queue.mem: {{events: 8192, flush.min_events: 1600}}
""")
    config.chmod(0o600)
    with open(f"{folder}/filebeat.log", "ab") as log:
        return subprocess.Popen([program, "run", "-e", "-c", str(config), "--strict.perms=false"],
                                stdout=subprocess.DEVNULL, stderr=log)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agent", default=str(agents.SOURCE / "build/release/actabeat"))
    parser.add_argument("--megabytes", type=float, default=400)
    parser.add_argument("--server")
    parser.add_argument("--filebeat")
    given = parser.parse_args()
    sink = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    url = given.server or f"http://127.0.0.1:{sink.server_port}"
    with tempfile.TemporaryDirectory() as folder:
        log = f"{folder}/audit.log"
        agents.make_log(log, given.megabytes)
        expected = len(agents.expected_ids(given.agent, folder, log))
        config = agents.write_config(folder, "agent", log, f"output.elasticsearch:\n  hosts: [\"{url}\"]\n"
                                     f"  namespace: rate{os.getpid()}\n", "queue.mem.bytes: 64MB")
        wall, cpu = ship(lambda: agents.start(given.agent, config, f"{folder}/agent.log", once=False), given.server,
                         expected)
        filebeat = None
        if given.filebeat:
            documents = f"{folder}/expected-out/actabeat.ndjson"
            seconds, spent = ship(lambda: start_filebeat(given.filebeat, folder, documents, url), given.server,
                                  expected)
            filebeat = {"wall_seconds": round(seconds, 1), "process_cpu_seconds": round(sum(spent), 2),
                        "cpu_us_per_document": round(1e6 * sum(spent) / expected, 1)}
    output = cpu[-1]  # made last: main, collect, pipeline, the outputs
    rate = {"documents": expected, "wall_seconds": round(wall, 1), "per_second": round(expected / wall),
            "output_thread_cpu_seconds": output, "per_cpu_second": round(expected / max(output, 0.01)),
            "process_cpu_seconds": round(sum(cpu), 2), "threads": cpu,
            "cpu_us_per_document": round(1e6 * sum(cpu) / expected, 1)}
    if given.server is None:
        rate.update(bytes_per_document=round(Sink.plain / max(Sink.documents, 1)),
                    wire_per_document=round(Sink.wire / max(Sink.documents, 1)))
    if filebeat:
        rate["filebeat"] = filebeat
    print(json.dumps(rate, indent=1))


if __name__ == "__main__":
    main()
