"""Documents that only a running agent makes: of its health, and of what was lost."""
import json
import subprocess
import time

SECONDS_MAX = 60
RECORDS = 1000  # that the first run reads


def _documents(path):
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [line for line in lines if line.startswith(b"{") and line.endswith(b"}")]


def _of(lines, dataset):
    return [line for line in lines if json.loads(line)["event"]["dataset"] == dataset]


def _is_done(line):
    return json.loads(line)["actabeat"]["health"]["records"]["read"] == RECORDS


def health_and_loss(actabeat, folder, log):
    """Follows the first RECORDS lines of a log until its health says so, then finds another file in its place."""
    lines = log.read_bytes().splitlines(keepends=True)
    source, out, config = folder / "followed.log", folder / "out/documents.ndjson", folder / "agent.yml"
    source.write_bytes(b"".join(lines[:RECORDS]))
    config.write_text(f"path.data: {folder}/agent\nhost.id: h1\n"
                      f"actabeat.inputs: [{{type: audit_log, paths: ['{source}']}}]\n"
                      f"actabeat.health.period: 100ms\noutput.file: {{path: '{folder}/out', filename: documents}}\n",
                      encoding="utf-8")
    config.chmod(0o600)
    command = [actabeat, "run", "-e", "-c", str(config)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        end = time.monotonic() + SECONDS_MAX
        while not any(map(_is_done, _of(_documents(out), "actabeat.health"))):
            if time.monotonic() > end or running.poll() is not None:
                running.kill()
                raise RuntimeError(f"no document of health within {SECONDS_MAX} s")
            time.sleep(0.05)
        running.terminate()
    source.unlink()
    source.write_bytes(b"".join(lines[RECORDS:]))
    subprocess.run(command + ["--once"], check=True, timeout=SECONDS_MAX, stderr=subprocess.DEVNULL)
    made = _documents(out)
    return _of(made, "actabeat.health") + _of(made, "actabeat.lost")
