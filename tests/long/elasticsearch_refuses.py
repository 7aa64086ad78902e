#!/usr/bin/env python3
"""A server that refuses for ten minutes, in every way: refused and reset connections, 429, 503, blocks, garbage. The
agent's memory stays flat, it goes on within one backoff when the server takes documents again, and nothing is lost.

  tests/long/elasticsearch_refuses.py [--agent PROGRAM] [--seconds 600] [--backoff-max 10] [--megabytes 100]
"""
import argparse
import collections
import gzip
import http.server
import json
import tempfile
import threading
import time

import agent as agents

ALLOWED_GROWTH_MIB = 4


class State:
    """What the server does now; shared by its threads."""
    refusing = True
    refused = 0
    accepted = collections.Counter()
    first_accepted = None
    lock = threading.Lock()


def item(key, status, error=None):
    return {"create": {"_id": key, "status": status, **({"error": error} if error else {})}}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if State.refusing and State.refused % 3 == 0:
            State.refused += 1
            return self.reply(503, {"error": "starting"})
        State.refused += State.refusing
        self.reply(200, {"cluster_name": "t", "version": {"number": "9.0.0"}})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if not self.path.startswith("/_bulk"):
            return self.reply(404, {"error": {"type": "index_not_found_exception"}})
        keys = [json.loads(line)["create"]["_id"] for line in body.split(b"\n")[:-1:2]]
        with State.lock:
            if State.refusing:
                return self.refuse(keys)
            State.first_accepted = State.first_accepted or time.monotonic()
            State.accepted.update(keys)
        self.reply(200, {"items": [item(key, 201) for key in keys]})

    def refuse(self, keys):
        State.refused += 1
        kind = State.refused % 6
        blocked = {"type": "cluster_block_exception", "reason": "index [x] blocked by: flood-stage"}
        if kind == 0:
            self.reply(429, {"error": {"type": "es_rejected_execution_exception", "reason": "full"}})
        elif kind == 1:
            self.reply(503, b"<html>unavailable</html>")
        elif kind == 2:
            self.reply(200, {"items": [item(key, 429, blocked) for key in keys]})
        elif kind == 3:
            self.reply(200, b'{"items":[{"create":{"_id":"x","status":201}}')
        elif kind == 4:
            self.reply(403, {"error": {"type": "security_exception", "reason": "no"}})
        else:
            self.close_connection = True  # no reply at all


def watch(process, seconds):
    """The resident memory of the agent once it has filled its buffers, and its maximum from then on."""
    begin = time.monotonic()
    base, most = None, 0.0
    settle = min(30.0, seconds / 3)
    while time.monotonic() - begin < seconds:
        time.sleep(0.5)
        if process.poll() is not None:
            raise SystemExit(f"the agent has ended with {process.returncode}")
        if time.monotonic() - begin < settle:
            continue
        now = agents.rss_mib(process.pid)
        base = base or now
        most = max(most, now)
    return base, most


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agent", default=str(agents.SOURCE / "build/release/actabeat"))
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--backoff-max", type=float, default=10)
    parser.add_argument("--megabytes", type=float, default=100)
    given = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        log = f"{folder}/audit.log"
        agents.make_log(log, given.megabytes)
        expected = agents.expected_ids(given.agent, folder, log)
        config = agents.write_config(
            folder, "agent", log,
            f"output.elasticsearch:\n  hosts: [\"http://127.0.0.1:{server.server_port}\"]\n"
            f"  backoff.init: 200ms\n  backoff.max: {int(given.backoff_max * 1000)}ms")
        process = agents.start(given.agent, config, f"{folder}/agent.log")
        try:
            base, most = watch(process, given.seconds)
            refused = State.refused
            State.refusing = False
            lifted = time.monotonic()
            status = process.wait(given.seconds + 600)
        finally:
            if process.poll() is None:
                process.kill()
    recovery = State.first_accepted - lifted
    twice = sum(1 for times in State.accepted.values() if times > 1)
    print(f"{given.seconds:.0f} s, {refused} refusals: memory {base:.1f} MiB, at most {most:.1f} MiB; "
          f"first document {recovery:.2f} s after it was lifted (backoff.max {given.backoff_max:.0f} s); "
          f"{len(State.accepted)} of {len(expected)} ids accepted, {twice} of them twice, exit status {status}")
    good = (most - base <= ALLOWED_GROWTH_MIB and recovery <= given.backoff_max + 1.5 and status == 0 and
            State.accepted.keys() == expected and twice == 0)
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
