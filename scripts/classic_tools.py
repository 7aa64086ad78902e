#!/usr/bin/env python3
"""Runs the commands in the console blocks of docs/classic-tools.md and its Spanish twin, and writes their output there.

    scripts/classic_tools.py [--check] [--actabeat build/release/actabeat]

A block holds commands, each after "$ ", and under it what it printed. They run beside two folders of documents made of
the real logs of tests/data: web1/ of one host, fleet/ of two. --check: fails when a page is not what comes out."""
import argparse
import gzip
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "tests/data"
PAGES = ["docs/classic-tools.md", "docs/classic-tools.es.md"]
BLOCK = re.compile(r"(?<=```console\n)(.*?)(?=```\n)", re.S)
RECORDS_OF_SECOND = 600  # of the accounting file, 64 bytes each
SECONDS_MAX = 60


def replay(actabeat, folder, host, log, options):
    """Documents of a log as if `host` had shipped them."""
    path = folder / "log"
    path.write_bytes(log)
    users = ["--passwd", DATA / "classic/audit/passwd", "--group", DATA / "classic/audit/group"]
    lines = subprocess.run([actabeat, "replay", "--original", "--host-id", host, *users, *options, path],
                           capture_output=True, check=True, timeout=SECONDS_MAX).stdout.splitlines()
    path.unlink()
    documents = [json.loads(line) for line in lines]
    for document in documents:
        document["host"].update(name=host, hostname=host)
    return "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)


def packed(path):
    return subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout


def make_documents(actabeat, folder):
    pacct = (DATA / "pacct/pacct").read_bytes()
    logs = {"web1": (packed(DATA / "classic/audit/audit-enriched.log.zst"), pacct),
            "db1": (packed(DATA / "classic/stream/cat.log.zst"), pacct[:64 * RECORDS_OF_SECOND])}
    for name in ("web1", "fleet"):
        (folder / name).mkdir()
    for host, (audit, accounting) in logs.items():
        text = replay(actabeat, folder, host, audit, [])
        text += replay(actabeat, folder, host, accounting, ["--type", "pacct"])
        (folder / "fleet" / f"{host}.ndjson").write_text(text)
        if host == "web1":
            with gzip.open(folder / "web1/actabeat.ndjson.gz", "wt") as file:
                file.write(text)


def run(command, actabeat, folder):
    environment = {**os.environ, "TZ": "UTC", "LC_ALL": "C", "PATH": f"{actabeat.parent}:{os.environ['PATH']}"}
    ran = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, errors="replace", timeout=SECONDS_MAX)
    return "".join(line.expandtabs().rstrip() + "\n" for line in ran.stdout.splitlines())


def renewed(page, actabeat, folder, outputs):
    def block(match):
        text = ""
        for command in re.findall(r"^\$ (.*)$", match.group(1), re.M):
            if command not in outputs:
                outputs[command] = run(command, actabeat, folder)
            text += f"$ {command}\n{outputs[command]}"
        return text
    return BLOCK.sub(block, page)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--check", action="store_true")
    arguments.add_argument("--actabeat", type=pathlib.Path, default=ROOT / "build/release/actabeat")
    given = arguments.parse_args()
    actabeat = given.actabeat.resolve()
    outputs, stale = {}, []
    with tempfile.TemporaryDirectory() as folder:
        make_documents(actabeat, pathlib.Path(folder))
        for name in PAGES:
            page = (ROOT / name).read_text()
            new = renewed(page, actabeat, pathlib.Path(folder), outputs)
            if new == page:
                continue
            stale.append(name)
            if not given.check:
                (ROOT / name).write_text(new)
    languages = [re.findall(r"^\$ .*$", (ROOT / name).read_text(), re.M) for name in PAGES]
    if languages[0] != languages[1]:
        sys.exit(f"{PAGES[0]} and {PAGES[1]} do not run the same commands")
    if given.check and stale:
        sys.exit(f"{' and '.join(stale)}: not what the commands print; run scripts/classic_tools.py")


if __name__ == "__main__":
    main()
