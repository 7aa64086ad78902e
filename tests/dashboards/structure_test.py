#!/usr/bin/env python3
"""kibana-dashboards/actabeat.ndjson has the one form that Kibana 7.10, 8 and 9 and OpenSearch Dashboards import, is
what its definitions make, and asks only for fields that the documents have: structure_test.py ACTABEAT"""
import json
import pathlib
import re
import subprocess
import sys
import unittest

import kibana

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "kibana-dashboards"
OBJECTS = kibana.read(FOLDER / "actabeat.ndjson")
MIGRATION = {"index-pattern": "7.6.0", "search": "7.9.3", "visualization": "7.10.0", "dashboard": "7.9.3"}
# Mappings are strict: another attribute makes an object fail. `hits` would be one of a visualization.
SOURCE = "kibanaSavedObjectMeta"
ATTRIBUTES = {
    "index-pattern": {"title", "timeFieldName", "fields", "fieldFormatMap"},
    "search": {"title", "description", "columns", "sort", "version", SOURCE},
    "visualization": {"title", "description", "visState", "uiStateJSON", "version", SOURCE},
    "dashboard": {"title", "description", "panelsJSON", "optionsJSON", "timeRestore", "version", SOURCE}}
# Drawn everywhere; lens, timelion, maps and input controls are not.
VISUALIZATIONS = {"metric", "table", "pie", "histogram", "line", "area", "tagcloud", "markdown"}
CHARTS = {"histogram", "line", "area"}
FORMATS = {"url", "duration", "bytes", "number"}
COLUMNS = 48
DASHBOARDS = ["Summary", "Event types", "Logins", "Authentications", "Anomalies", "Sessions", "Virtual machines",
              "User activity", "Executions", "Files", "Network", "Accounting by command", "Accounting by user",
              "Last commands", "Fleet", "Agent health"]
NUMBERS = {"long", "float"}
FIELD_IN_QUERY = re.compile(r"(?<![\w.\"])(@?[a-z][\w.]*):")
FIELD_IN_SCRIPT = re.compile(r"doc(?:\[|\.containsKey\()'([^']+)'")


def of(kind):
    return {name: saved for (type_, name), saved in OBJECTS.items() if type_ == kind}


def states():
    return {name: json.loads(saved["attributes"]["visState"]) for name, saved in of("visualization").items()}


def leaves(properties, prefix=""):
    """Fields of a mapping and their types."""
    for name, what in properties.items():
        if "properties" in what:
            yield from leaves(what["properties"], f"{prefix}{name}.")
        elif "type" in what:
            yield prefix + name, what["type"]


def mapping():
    """What the index templates of the program make searchable."""
    text = subprocess.run([ACTABEAT, "export", "template"], check=True, capture_output=True, text=True).stdout
    body, _ = json.JSONDecoder().raw_decode(text.split("PUT /_component_template/actabeat-mappings\n", 1)[1])
    return dict(leaves(body["template"]["mappings"]["properties"]))


class Objects(unittest.TestCase):
    def test_is_what_the_definitions_make(self):
        run = subprocess.run([sys.executable, str(FOLDER / "generate.py"), "--check"], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_every_object_has_the_form_of_its_version(self):
        for (kind, name), saved in OBJECTS.items():
            with self.subTest(object=name):
                self.assertEqual(set(saved), {"id", "type", "attributes", "references", "migrationVersion"})
                self.assertEqual(saved["migrationVersion"], {kind: MIGRATION[kind]})
                self.assertEqual(set(saved["attributes"]), ATTRIBUTES[kind])
                self.assertTrue(saved["attributes"]["title"])

    def test_the_last_line_ends(self):
        self.assertTrue((FOLDER / "actabeat.ndjson").read_text(encoding="utf-8").endswith("}\n"))

    def test_references_are_those_that_are_named(self):
        for (_, name), saved in OBJECTS.items():
            with self.subTest(object=name):
                named = set(re.findall(r'\\?"(?:indexRefName|panelRefName|savedSearchRefName)\\?":\\?"([^"\\]+)',
                                       json.dumps(saved["attributes"])))
                self.assertEqual(named, {each["name"] for each in saved["references"]})
                for each in saved["references"]:
                    self.assertIn((each["type"], each["id"]), OBJECTS)

    def test_index_patterns_bring_their_fields(self):
        for name, saved in of("index-pattern").items():
            with self.subTest(pattern=name):
                fields = json.loads(saved["attributes"]["fields"])
                self.assertGreater(len(fields), 50)
                self.assertIn("@timestamp", {each["name"] for each in fields})
                self.assertEqual(saved["attributes"]["timeFieldName"], "@timestamp")
                formats = json.loads(saved["attributes"]["fieldFormatMap"])
                self.assertLessEqual({each["id"] for each in formats.values()}, FORMATS)
                self.assertEqual(formats["event.id"]["id"], "url")

    def test_no_name_comes_twice(self):
        lines = (FOLDER / "actabeat.ndjson").read_text(encoding="utf-8").splitlines()
        self.assertEqual(len(lines), len(OBJECTS))
        titles = [(kind, saved["attributes"]["title"]) for (kind, name), saved in OBJECTS.items()
                  if not name.endswith("-navigation")]
        self.assertEqual(len(titles), len(set(titles)))


class Visualizations(unittest.TestCase):
    def test_types_are_drawn_everywhere(self):
        self.assertLessEqual({state["type"] for state in states().values()}, VISUALIZATIONS)

    def test_parts_are_of_one_panel(self):
        for name, state in states().items():
            with self.subTest(visualization=name):
                self.assertEqual(set(state), {"title", "type", "params", "aggs"})
                ids = [each["id"] for each in state["aggs"]]
                self.assertEqual(len(ids), len(set(ids)))
                for each in state["aggs"]:
                    self.assertEqual(set(each), {"id", "enabled", "type", "schema", "params"})
                    if each["type"] == "terms" and each["params"]["orderBy"] != "_key":
                        self.assertIn(each["params"]["orderBy"], ids)

    def test_charts_have_axes_with_labels(self):
        for name, state in states().items():
            if state["type"] not in CHARTS:
                continue
            with self.subTest(visualization=name):
                axes = state["params"]["categoryAxes"] + state["params"]["valueAxes"]
                self.assertEqual([axis["type"] for axis in axes], ["category", "value"])
                for axis in axes:
                    self.assertIn("show", axis["labels"])
                metrics = [each["id"] for each in state["aggs"] if each["schema"] == "metric"]
                self.assertEqual([each["data"]["id"] for each in state["params"]["seriesParams"]], metrics)
                self.assertEqual(state["params"]["type"], state["type"])


class Dashboards(unittest.TestCase):
    def test_there_are_those_that_are_promised(self):
        titles = [saved["attributes"]["title"].removesuffix(" [actabeat]") for saved in of("dashboard").values()]
        self.assertEqual(titles, DASHBOARDS)

    def test_panels_are_by_reference_and_lie_beside_each_other(self):
        for name, saved in of("dashboard").items():
            with self.subTest(dashboard=name):
                taken = set()
                for panel in json.loads(saved["attributes"]["panelsJSON"]):
                    self.assertEqual(set(panel),
                                     {"version", "gridData", "panelIndex", "embeddableConfig", "panelRefName"})
                    self.assertEqual(panel["embeddableConfig"], {})
                    self.assertEqual(panel["panelRefName"], f"panel_{panel['panelIndex']}")
                    grid = panel["gridData"]
                    self.assertEqual(grid["i"], panel["panelIndex"])
                    self.assertLessEqual(grid["x"] + grid["w"], COLUMNS)
                    cells = {(x, y) for x in range(grid["x"], grid["x"] + grid["w"])
                             for y in range(grid["y"], grid["y"] + grid["h"])}
                    self.assertFalse(cells & taken, panel)
                    taken |= cells

    def test_every_panel_is_on_one_dashboard(self):
        shown = [reference["id"] for saved in of("dashboard").values() for reference in saved["references"]]
        self.assertEqual(sorted(shown), sorted([*of("visualization"), *of("search")]))

    def test_each_leads_to_all_others(self):
        dashboards = set(of("dashboard"))
        for name, saved in of("dashboard").items():
            with self.subTest(dashboard=name):
                first = saved["references"][0]
                self.assertEqual(first["id"], f"{name}-navigation")
                text = states()[first["id"]]["params"]["markdown"]
                self.assertEqual(set(re.findall(r"\]\(#/view/([\w-]+)\)", text)), dashboards - {name})


class Fields(unittest.TestCase):
    """Of every panel and pattern, against the mapping that `actabeat setup` makes of the field list."""

    @classmethod
    def setUpClass(cls):
        cls.mapped = mapping()
        exported = subprocess.run([ACTABEAT, "export", "fields", "--json"], check=True, capture_output=True).stdout
        cls.exported = {field["name"]: field["type"] for field in json.loads(exported)}

    def known(self, name):
        """Its type; it is in the list of fields, itself or as a key of an object there."""
        self.assertIn(name, self.mapped)
        parent = name
        while parent not in self.exported:
            self.assertIn(".", parent, f"{name} is not in the list of fields")
            parent = parent.rsplit(".", 1)[0]
        return self.mapped[name]

    def check_field(self, name, pattern, types=()):
        """A field that the panel's index pattern has: a scripted one is made of strings."""
        fields = {each["name"]: each for each in json.loads(pattern["attributes"]["fields"])}
        self.assertIn(name, fields)
        kind = "scripted" if fields[name]["scripted"] else self.known(name)
        if types:
            self.assertIn(kind, types, name)

    def test_of_patterns(self):
        for name, saved in of("index-pattern").items():
            with self.subTest(pattern=name):
                for field in json.loads(saved["attributes"]["fields"]):
                    if field["scripted"]:
                        for used in FIELD_IN_SCRIPT.findall(field["script"]):
                            self.known(used)
                    elif not field["name"].endswith(".text"):
                        self.known(field["name"])

    def test_of_aggregations(self):
        for name, state in states().items():
            pattern = kibana.pattern_of(of("visualization")[name], OBJECTS)
            for agg in state["aggs"]:
                if "field" not in agg["params"]:
                    continue
                with self.subTest(visualization=name, field=agg["params"]["field"]):
                    types = {"sum": NUMBERS, "avg": NUMBERS, "max": NUMBERS | {"date"}, "min": NUMBERS | {"date"},
                             "date_histogram": {"date"}}.get(agg["type"], {"keyword", "long", "ip", "scripted",
                                                                          "wildcard"})
                    self.check_field(agg["params"]["field"], pattern, types)

    def test_of_columns(self):
        for name, saved in of("search").items():
            pattern = kibana.pattern_of(saved, OBJECTS)
            for field in saved["attributes"]["columns"] + [each[0] for each in saved["attributes"]["sort"]]:
                with self.subTest(search=name, field=field):
                    self.check_field(field, pattern)

    def test_of_queries(self):
        for (kind, name), saved in OBJECTS.items():
            if kind not in ("visualization", "search") or not kibana.pattern_of(saved, OBJECTS):
                continue
            queries = [kibana.source_of(saved)["query"]["query"]]
            if kind == "visualization":
                queries += [each["input"]["query"] for agg in states()[name]["aggs"] if agg["type"] == "filters"
                            for each in agg["params"]["filters"]]
            for field in FIELD_IN_QUERY.findall(" ".join(queries)):
                with self.subTest(object=name, field=field):
                    self.check_field(field, kibana.pattern_of(saved, OBJECTS))


if __name__ == "__main__":
    ACTABEAT = sys.argv[1]
    unittest.main(argv=sys.argv[:1])
