"""The real logs of the tests through Kafka into OpenSearch: each document once, as it was when it left the agent."""
import json
import pathlib

import agent as agents
from elasticsearch_kills import hits

TOPIC = "golden"
SPACE = "golden"
DATA = agents.SOURCE / "tests/data"
INTERLEAVED_BYTES = 3_000_000  # of the large log; its lines that are torn there are records, too


def logs(folder):
    """Name, type of input and path of each log, unpacked."""
    for path in sorted(DATA.rglob("*.log*")):
        text = agents.unpacked(path) if path.suffix == ".zst" else path.read_bytes()
        name = "-".join(path.relative_to(DATA).parts).split(".log")[0]
        plain = pathlib.Path(folder) / f"{name}.golden"
        plain.write_bytes(text[:INTERLEAVED_BYTES])
        yield name, "audit_log", plain
    yield "pacct", "pacct", DATA / "pacct/pacct"


def ship(program, folder, kafka):
    """Ships each log as a host of its own, to a file and to Kafka at once. What is in the files, by id."""
    sent = {}
    for name, kind, path in logs(folder):
        config = pathlib.Path(folder) / f"golden-{name}.yml"
        config.write_text(f"""
actabeat.inputs:
  - type: {kind}
    paths: ["{path}"]
host.id: {name}
path.data: {folder}/golden-{name}
actabeat.health.period: 0
output.kafka: {{hosts: ["{kafka}"], topic: {TOPIC}}}
output.file: {{path: "{folder}/golden-out-{name}", rotate_every_kb: 0}}
""")
        agents.run(program, config, f"{folder}/golden-{name}.err")
        with open(f"{folder}/golden-out-{name}/actabeat.ndjson", encoding="utf-8") as lines:
            for line in lines:
                document = json.loads(line)
                sent[document["event"]["id"]] = document
    return sent


def found(base):
    """What each document of every stream there says, by id, and how many came under an id that was there."""
    documents, copies = {}, 0
    for hit in hits(base, f"logs-actabeat.*-{SPACE}", 2000):
        copies += hit["_id"] in documents
        documents[hit["_id"]] = hit["_source"]
    return documents, copies


def compare(sent, base):
    """What is wrong with the index, a line each."""
    there, copies = found(base)
    altered = [key for key in sent.keys() & there.keys() if sent[key] != there[key]]
    print(f"real logs: {len(sent)} documents sent, {len(there)} found; missing {len(sent.keys() - there.keys())}, "
          f"unknown {len(there.keys() - sent.keys())}, doubled {copies}, altered {len(altered)}")
    faults = [f"missing: {key}" for key in sorted(sent.keys() - there.keys())]
    faults += [f"unknown: {key}" for key in sorted(there.keys() - sent.keys())]
    faults += [f"altered: {key}" for key in sorted(altered)]
    return faults + ["doubled ids"] * bool(copies) + ["nothing was sent"] * (len(sent) < 1000)
