"""A real OpenSearch for tests in Python, started and stopped by tests/services, or one that runs already."""
import json
import os
import pathlib
import socket
import subprocess
import sys
import urllib.error
import urllib.request

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "services/opensearch.sh"
BULK_BYTES = 6 << 20
START_SECONDS = 600  # the archive may have to be fetched


def free_port():
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return each.getsockname()[1]


def skip(why):
    """Without Java or the network there is no server: skipped, but a failure where servers are required."""
    if os.environ.get("CI") == "true" and os.environ.get("ACTA_WITHOUT_SERVERS") != "1":
        sys.exit(f"no server to test against: {why}")
    print(f"LOUD SKIP: no server to test against: {why}")
    sys.exit(77)


class Server:
    def __init__(self, folder, url=None):
        self.folder, self.url, self.own = folder, url, url is None
        if self.own:
            port = free_port()
            self.url = f"http://127.0.0.1:{port}"
            self._run("start", str(folder / "server"), str(port))

    def _run(self, *arguments):
        run = subprocess.run(["bash", str(SCRIPT), *arguments], capture_output=True, text=True, timeout=START_SECONDS)
        if run.returncode != 0:
            skip(run.stderr.strip()[-500:])

    def stop(self):
        if self.own:
            self._run("stop", str(self.folder / "server"))

    def ask(self, method, path, body=None):
        """The answer as JSON; an error names the request and the server's words."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        kind = "application/x-ndjson" if path.startswith("/_bulk") else "application/json"
        request = urllib.request.Request(self.url + path, data, {"Content-Type": kind}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()[:2000]}\n{body}") from error

    def config(self, more=""):
        path = self.folder / "setup.yml"
        path.write_text(f"path.data: {self.folder}/data\nactabeat.inputs: [{{type: pacct, paths: [/nowhere]}}]\n"
                        f"output.elasticsearch.hosts: ['{self.url}']\n{more}", encoding="utf-8")
        path.chmod(0o600)
        return path

    def setup(self, actabeat):
        subprocess.run([actabeat, "setup", "-c", str(self.config()), "-E", "setup.replicas=0"], check=True,
                       capture_output=True, timeout=120)

    def bulk(self, lines, namespace):
        body = b""
        for line in lines:
            dataset = json.loads(line)["event"]["dataset"]
            body += json.dumps({"create": {"_index": f"logs-{dataset}-{namespace}"}}).encode() + b"\n" + line + b"\n"
            if len(body) > BULK_BYTES:
                self._send(body)
                body = b""
        self._send(body)

    def _send(self, body):
        if not body:
            return
        answer = self.ask("POST", "/_bulk?refresh=true&filter_path=errors,items.*.error", body)
        if answer["errors"]:
            raise RuntimeError(f"refused: {next(item for item in answer['items'] if item)}")
