"""The agent as the long tests run it: configurations, processes, what it made."""
import json
import os
import pathlib
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def write_config(folder, name, log, output, extra=""):
    """Ships `log` as host h1, with state of its own below `folder`/`name`. Gives the path of the file."""
    path = pathlib.Path(folder) / f"{name}.yml"
    path.write_text(f"""
actabeat.inputs:
  - type: audit_log
    paths: ["{log}"]
host.id: h1
path.data: {folder}/{name}
actabeat.registry.flush: 50ms
actabeat.health.period: 0
logging.level: info
{extra}
{output}
""")
    return path


def start(agent, config, log_file, once=True):
    """Starts the agent; the caller waits for it or ends it by its pid."""
    words = [str(agent), "run", "-c", str(config), "--strict.perms=false", "-e"] + (["--once"] if once else [])
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=open(log_file, "ab"))


def run(agent, config, log_file, timeout=1200):
    """Runs it until all is delivered."""
    process = start(agent, config, log_file)
    try:
        status = process.wait(timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise SystemExit(f"the agent did not end in {timeout} s; see {log_file}")
    if status != 0:
        raise SystemExit(f"the agent ended with {status}; see {log_file}")


def expected_ids(agent, folder, log):
    """The ids of the documents that the agent makes of `log`, by its file output."""
    config = write_config(folder, "expected", log, f"output.file:\n  path: {folder}/expected-out\n  rotate_every_kb: 0")
    run(agent, config, f"{folder}/expected.log")
    with open(f"{folder}/expected-out/actabeat.ndjson", encoding="utf-8") as lines:
        return {json.loads(line)["event"]["id"] for line in lines}


def unpacked(path):
    return subprocess.run(["zstd", "-dcq", str(path)], stdout=subprocess.PIPE, check=True).stdout


def rss_mib(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def make_log(path, megabytes):
    """A log of about that size, made of a real one."""
    with open(path, "wb") as out:
        subprocess.run(["python3", str(SOURCE / "bench/make_log.py"), "audit",
                        str(SOURCE / "tests/data/interleaved.log.zst"), "--megabytes", str(megabytes)],
                       stdout=out, stderr=subprocess.DEVNULL, check=True)
