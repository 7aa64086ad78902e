#!/usr/bin/env python3
"""Every panel of kibana-dashboards/actabeat.ndjson on a real OpenSearch that holds the golden documents: its query
runs, and where a classic tool prints the same figures, it finds them to the digit.

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

    def answer(self, saved):
        index = kibana.pattern_of(saved, OBJECTS)["attributes"]["title"]
        answer = self.server.ask("POST", f"/{index}/_search", kibana.request(saved, OBJECTS))
        self.assertFalse(answer["timed_out"], saved["id"])
        self.assertEqual(answer["_shards"]["failed"], 0, saved["id"])
        return answer

    def rows(self, saved):
        answer = self.answer(saved)
        if saved["type"] == "search":
            return kibana.search_rows(saved, answer)
        return kibana.rows(saved, OBJECTS, answer)

    def test_each_panel(self):
        """Its query runs, finds something, and its figures are the classic tool's."""
        for name, saved in panels().items():
            with self.subTest(panel=name):
                rows = self.rows(saved)
                self.assertTrue(rows, "nothing was found")
                for check in (checks.CHECKS, checks.OWN):
                    if name in check:
                        check[name](self, rows)

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
