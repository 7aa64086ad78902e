#!/usr/bin/env python3
"""The rules of config/detection on a real OpenSearch that holds documents of real records: pySigma's queries find the
events that they are about and no other, and the monitors made of them raise the alarm then and only then.

    detection_test.py ACTABEAT [--server URL]    # a server that runs, in place of one of its own
"""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
from datetime import datetime

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/support"))
import agent
import classic
import opensearch

RULES = TOP / "config/detection"
ACCOUNTS = TOP / "tests/data/accounts.log"
AUDIT = "logs-actabeat.audit-*"
MINUTE_MS = 60_000
INSTALL_SECONDS = 300
# Serials in ACCOUNTS: useradd -o -u 0, usermod -G sudo, gpasswd -a USER adm, useradd -G sudo,video, usermod -o -u 0.
PRIVILEGED = [4022922, 4022929, 4022951, 4022961, 4022975]
FAILURES = 5
PARENT = "process.parent."
WITNESS = classic.SHARED / "golden/detection"


def sigma_python():
    """A Python that has pySigma in the versions of requirements.txt, kept in the user's cache folder."""
    wanted = (RULES / "requirements.txt").read_text(encoding="utf-8")
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "actabeat-test-pysigma"
    python, mark = cache / "bin/python", cache / "installed.txt"
    if not mark.exists() or mark.read_text(encoding="utf-8") != wanted:
        for command in ([sys.executable, "-m", "venv", "--clear", str(cache)],
                        [str(python), "-m", "pip", "install", "-q", "-r", str(RULES / "requirements.txt")]):
            run = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS)
            if run.returncode != 0:
                print(f"LOUD SKIP: pySigma cannot be installed: {(run.stderr or run.stdout).strip()[-300:]}")
                sys.exit(77)  # also where servers are required: it is no part of the program
        mark.write_text(wanted, encoding="utf-8")
    return str(python)


def serials(log, pattern):
    """Serials of the records of a log that a pattern is found in."""
    return sorted({int(re.search(r":(\d+)\)", line)[1]) for line in log.read_text(errors="replace").splitlines()
                   if re.search(pattern, line)})


def milliseconds(log, serial):
    return int(re.search(rf"audit\((\d+)\.(\d+):{serial}\)", log.read_text(errors="replace")).expand(r"\1\2"))


class Detection(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.python = sigma_python()
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        folder, live = pathlib.Path(cls.folder.name), classic.LIVE / "audit"
        cls.server = opensearch.Server(folder, SERVER)
        cls.addClassCleanup(cls.server.stop)
        cls.server.setup(ACTABEAT)
        cls.log = live / "audit-enriched.log"
        lost = agent.health_and_loss(ACTABEAT, folder, cls.log)
        for name, log in (("live", cls.log), ("accounts", ACCOUNTS)):
            cls.server.bulk(agent.shipped(ACTABEAT, folder, log, classic.LIVE / "pacct/pacct", live, name), name)
        cls.server.bulk(lost, "live")
        cls.server.bulk(agent.documents_of(ACTABEAT, WITNESS / "sigma_witness_audit.log"), "witness")
        cls.lost = [json.loads(line) for line in lost if b'"actabeat.lost"' in line]
        queries = subprocess.run([cls.python, RULES / "generate.py", "--queries"], check=True, capture_output=True)
        cls.queries = json.loads(queries.stdout)

    def found(self, rule, index=AUDIT):
        """Serials of the events that a rule's query finds."""
        query = {"query_string": {"query": self.queries[rule], "analyze_wildcard": True}}
        answer = self.server.ask("POST", f"/{index}/_search", {"size": 1000, "query": query})
        self.assertLess(answer["hits"]["total"]["value"], 1000)
        return sorted(hit["_source"]["event"].get("sequence", 0) for hit in answer["hits"]["hits"])

    def test_monitors_are_what_the_rules_make(self):
        run = subprocess.run([self.python, RULES / "generate.py", "--check"], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_events_lost(self):
        self.assertEqual(len(self.lost), 1)
        self.assertEqual(self.found("events_lost", "logs-actabeat.*"), [0], "no serial: records without number")

    def test_new_privileged_account(self):
        self.assertEqual(self.found("new_privileged_account"), PRIVILEGED)

    def test_audit_rules_changed(self):
        wanted = serials(self.log, r"type=CONFIG_CHANGE .*\bop=(add|remove)_rule ")
        self.assertGreater(len(wanted), 20)
        self.assertEqual(self.found("audit_rules_changed"), wanted)

    def test_promiscuous_mode(self):
        wanted = serials(self.log, r"type=ANOM_PROMISCUOUS .* prom=256 ")
        self.assertEqual(len(wanted), 2)
        self.assertEqual(self.found("promiscuous_mode"), wanted)

    def test_failed_and_good_logins(self):
        self.assertEqual(self.found("actabeat_failed_login"), serials(self.log, r"type=USER_LOGIN .*res=failed"))
        self.assertEqual(self.found("actabeat_login"), serials(self.log, r"type=USER_LOGIN .*res=success"))

    def test_rules_of_others_by_the_pipeline(self):
        """SigmaHQ's rules for Linux fire on the records that were made for them, and on no others of that log."""
        converted = subprocess.run([self.python, TOP / "tests/detection/convert.py", RULES / "pipelines/actabeat.yml",
                                    WITNESS / "sigma_rules.json"], check=True, capture_output=True)
        queries = json.loads(converted.stdout)
        fired = without_parent = 0
        for rule in json.loads((WITNESS / "sigma_witness_expected.json").read_text(encoding="utf-8")):
            if any(name.startswith(PARENT) for name in rule["witness_fields"]) and not self.known_parents():
                without_parent += 1
                continue
            with self.subTest(rule=rule["title"]):
                query = {"query_string": {"query": queries[rule["rule_id"]], "analyze_wildcard": True}}
                answer = self.server.ask("POST", "/logs-actabeat.audit-witness/_search", {"size": 1000, "query": query})
                found = {hit["_source"]["event"]["id"].split(":", 1)[1] for hit in answer["hits"]["hits"]}
                self.assertLessEqual(set(rule["must_fire_on"]), found)
                self.assertLessEqual(found, set(rule["must_fire_on"] + rule["also_fires_on"]))
                fired += 1
        self.assertGreaterEqual(fired, 71)
        print(f"{fired} rules fire; {without_parent} need the parent process, which documents do not have")

    def known_parents(self):
        answer = self.server.ask("POST", "/logs-actabeat.audit-witness/_count",
                                 {"query": {"exists": {"field": "process.parent.executable"}}})
        return answer["count"] > 0

    def run_monitor(self, name, end):
        """What the monitor's trigger says at a time (milliseconds): its query and its script, run by the server."""
        monitor = json.loads((RULES / f"monitors/{name}.json").read_text(encoding="utf-8"))
        self.assertEqual(set(monitor),
                         {"type", "name", "monitor_type", "enabled", "schedule", "inputs", "triggers"})
        search = monitor["inputs"][0]["search"]
        body = json.loads(json.dumps(search["query"]).replace("{{period_end}}", str(end)))
        result = self.server.ask("POST", f"/{search['indices'][0]}/_search", body)
        self.assertEqual(result["_shards"]["failed"], 0)
        trigger = monitor["triggers"][0]["query_level_trigger"]
        script = trigger["condition"]["script"]["source"]
        if "return" not in script:
            script = "return " + script
        answer = self.server.ask("POST", "/_scripts/painless/_execute", {"script": {
            "lang": "painless", "source": "def ctx = params.ctx; " + script, "params": {"ctx": {"results": [result]}}}})
        return answer["result"] == "true"

    def test_monitors_of_events(self):
        lost = datetime.fromisoformat(self.lost[0]["@timestamp"][:23] + "+00:00")
        times = {"events_lost": int(lost.timestamp() * 1000) + 1,
                 "new_privileged_account": milliseconds(ACCOUNTS, PRIVILEGED[-1]),
                 "audit_rules_changed": milliseconds(self.log, serials(self.log, "op=add_rule")[0]),
                 "promiscuous_mode": milliseconds(self.log, serials(self.log, " prom=256 ")[0])}
        for name, at in times.items():
            with self.subTest(monitor=name):
                self.assertTrue(self.run_monitor(name, at + MINUTE_MS), "just after it")
                self.assertFalse(self.run_monitor(name, at + 60 * MINUTE_MS), "an hour later")
                self.assertFalse(self.run_monitor(name, at - 60 * MINUTE_MS), "an hour before")

    def test_monitor_of_brute_force(self):
        """It rises with the first login after five failures from its address, not with the failures alone."""
        failures, logins = collections.defaultdict(list), []
        for line in self.log.read_text(errors="replace").splitlines():
            if line.startswith("type=USER_LOGIN"):
                serial = int(re.search(r":(\d+)\)", line)[1])
                address = re.search(r"addr=(\S+)", line)[1]
                if "res=failed" in line:
                    failures[address].append(milliseconds(self.log, serial))
                else:
                    logins.append((milliseconds(self.log, serial), address))
        self.assertEqual([address for address, times in failures.items() if len(times) >= FAILURES], ["127.0.0.1"])
        fifth = sorted(failures["127.0.0.1"])[FAILURES - 1]
        first = min(at for at, address in logins if address == "127.0.0.1" and at >= fifth)
        self.assertTrue(any(at < fifth for at, address in logins if address == "127.0.0.1"), "which do not count")
        self.assertFalse(self.run_monitor("brute_force_then_login", first - 1))
        self.assertTrue(self.run_monitor("brute_force_then_login", first))
        self.assertFalse(self.run_monitor("brute_force_then_login", first + 60 * MINUTE_MS))


if __name__ == "__main__":
    ACTABEAT = sys.argv[1]
    SERVER = sys.argv[3] if "--server" in sys.argv else None
    if not classic.LIVE.exists():
        print("LOUD SKIP: upstream test material is absent; set ACTA_SHARED to its folder")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
