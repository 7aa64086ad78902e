"""Documents as a running agent makes them: of events, logins and machines, of its health, and of what was lost."""
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
    """Of an output that has the documents of the input, and tells so after it."""
    return json.loads(line)["actabeat"]["health"].get("output", {}).get("accepted", 0) > RECORDS // 10


def _configure(path, inputs, out, more="", host="h1"):
    """A configuration that ships to files; state lies beside it."""
    path.write_text(f"path.data: {path}.data\nhost.id: {host}\nactabeat.inputs: {json.dumps(inputs)}\n"
                    f"output.file: {{path: '{out.parent}', filename: {out.stem}}}\n{more}", encoding="utf-8")
    path.chmod(0o600)
    return ["-e", "-c", str(path)]


def shipped(actabeat, folder, log, pacct, users, name="shipped", host="h1"):
    """All documents of two finished files; `users` has the passwd and group that name their ids. Each call needs a
    name of its own."""
    out = folder / name / "documents.ndjson"
    options = _configure(folder / f"{name}.yml", [{"type": "audit_log", "paths": [str(log)]},
                                                  {"type": "pacct", "paths": [str(pacct)]}], out,
                         f"actabeat.users: {{passwd: '{users}/passwd', group: '{users}/group'}}\n", host)
    subprocess.run([actabeat, "run", "--once", *options], check=True, timeout=SECONDS_MAX, stderr=subprocess.DEVNULL)
    return _documents(out)


def documents_of(actabeat, log):
    """Documents of a finished log, one by one: `actabeat replay`."""
    run = subprocess.run([actabeat, "replay", "--host-id", "h1", str(log)], check=True, capture_output=True,
                         timeout=SECONDS_MAX)
    return run.stdout.splitlines()


def health_and_loss(actabeat, folder, log):
    """Follows the first RECORDS lines of a log until its health says so, then finds another file in its place."""
    lines = log.read_bytes().splitlines(keepends=True)
    source, out = folder / "followed.log", folder / "followed/documents.ndjson"
    source.write_bytes(b"".join(lines[:RECORDS]))
    command = [actabeat, "run", *_configure(folder / "followed.yml", [{"type": "audit_log", "paths": [str(source)]}],
                                            out, "actabeat.health.period: 100ms\n")]
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
