#!/usr/bin/env python3
"""Every panel of kibana-dashboards/actabeat.ndjson on a real OpenSearch that holds the golden documents and those of
another host: its query runs, and where a classic tool prints the same figures for the one host, it finds them to the
digit when the dashboard is filtered on it. Of the whole fleet it shows the sum.

    panels_test.py ACTABEAT [--server URL]    # a server that runs, in place of one of its own
"""
import pathlib
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/support"))
import agent
import checks
import classic
import kibana
import opensearch

OBJECTS = kibana.read(TOP / "kibana-dashboards/actabeat.ndjson")
NAMESPACE = "golden"
OTHER_FROM = 1500  # the other host has the golden log from this line on


def panels():
    """Visualizations with a query, and saved searches."""
    return {saved["id"].removeprefix("actabeat-"): saved for (kind, _), saved in OBJECTS.items()
            if kind == "search" or kind == "visualization" and kibana.pattern_of(saved, OBJECTS)}


class Panels(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = opensearch.Server(pathlib.Path(cls.folder.name), SERVER)
        cls.addClassCleanup(cls.folder.cleanup)
        cls.addClassCleanup(cls.server.stop)
        cls.server.setup(ACTABEAT)
        audit, pacct = classic.LIVE / "audit", classic.LIVE / "pacct"
        log, folder = audit / "audit-enriched.log", pathlib.Path(cls.folder.name)
        cls.server.bulk(agent.shipped(ACTABEAT, folder, log, pacct / "pacct", audit), NAMESPACE)
        cls.server.bulk(agent.health_and_loss(ACTABEAT, folder, log), NAMESPACE)
        other = folder / "other.log"
        other.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[OTHER_FROM:]))
        cls.server.bulk(agent.shipped(ACTABEAT, folder, other, pacct / "pacct", audit, "other", "h2"), "other")

    def answer(self, saved, hosts):
        index = kibana.pattern_of(saved, OBJECTS)["attributes"]["title"]
        filters = [{"terms": {"host.id": hosts}}]
        answer = self.server.ask("POST", f"/{index}/_search", kibana.request(saved, OBJECTS, filters))
        self.assertFalse(answer["timed_out"], saved["id"])
        self.assertEqual(answer["_shards"]["failed"], 0, saved["id"])
        return answer

    def rows(self, saved, *hosts):
        answer = self.answer(saved, hosts)
        if saved["type"] == "search":
            return kibana.search_rows(saved, answer)
        return kibana.rows(saved, OBJECTS, answer)

    def test_each_panel(self):
        """Its query runs, finds something, and its figures of the one host are the classic tool's."""
        for name, saved in panels().items():
            with self.subTest(panel=name):
                rows = self.rows(saved, "h1")
                self.assertTrue(rows, "nothing was found")
                for check in (checks.CHECKS, checks.OWN):
                    if name in check:
                        check[name](self, rows)

    def test_the_fleet_is_the_sum_of_its_hosts(self):
        counted = {"summary-events": 0, "summary-counters": 1, "event-types-types": 1, "accounting-users-users": 1}
        for name, column in counted.items():
            with self.subTest(panel=name):
                fleet, one, other = (sum(row[column] for row in self.rows(panels()[name], *hosts))
                                     for hosts in (("h1", "h2"), ("h1",), ("h2",)))
                self.assertEqual(fleet, one + other)
                self.assertGreater(other, 0)

    def test_each_panel_that_names_a_classic_command_is_compared(self):
        named = {name for name, saved in panels().items() if " As " in " " + saved["attributes"]["description"]}
        self.assertEqual(named, set(checks.CHECKS))
        self.assertLessEqual(set(checks.OWN), set(panels()))


if __name__ == "__main__":
    ACTABEAT = sys.argv[1]
    SERVER = sys.argv[3] if "--server" in sys.argv else None
    if not classic.LIVE.exists():
        print("LOUD SKIP: upstream test material is absent; set ACTA_SHARED to its folder")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
