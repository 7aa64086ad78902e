"""Saved objects of Kibana in the form of 7.10, which Kibana 7.10, 8 and 9 and OpenSearch Dashboards import."""
import json

import visualizations
from visualizations import DefinitionError

PREFIX = "actabeat-"
MIGRATION = {"index-pattern": "7.6.0", "search": "7.9.3", "visualization": "7.10.0", "dashboard": "7.9.3"}
PANEL_VERSION = "7.10.0"
COLUMNS = 48  # of the grid
NAVIGATION_HEIGHT = 4
PANEL_KEYS = ("id", "title", "about", "classic", "type", "pattern", "query", "metrics", "by", "width", "height",
              "rows", "total", "share_of", "text", "columns", "sort")
KIBANA_TYPES = {"keyword": "string", "constant_keyword": "string", "wildcard": "string", "match_only_text": "string",
                "long": "number", "float": "number", "date": "date", "boolean": "boolean", "ip": "ip"}


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def saved(kind, name, attributes, references=()):
    return {"id": PREFIX + name, "type": kind, "attributes": attributes, "references": list(references),
            "migrationVersion": {kind: MIGRATION[kind]}}


def one_field(name, kind, searched=True):
    return {"name": name, "type": KIBANA_TYPES[kind], "esTypes": [kind], "count": 0, "scripted": False,
            "searchable": searched, "aggregatable": searched and kind != "match_only_text",
            "readFromDocValues": searched and kind not in ("match_only_text", "wildcard")}


def pattern_fields(field_list):
    """Every field of the documents, as the index templates map it."""
    fields = []
    for field in field_list:
        name, kind = field["name"], field["type"]
        if kind not in ("map", "objects"):
            fields.append(one_field(name, kind, field.get("index", True)))
            if field.get("text"):
                fields.append(one_field(name + ".text", "match_only_text"))
        elif "keys" in field:
            # Objects in a list are mapped as an object: a document is found by the keys of any of them.
            fields.extend(one_field(f"{name}.{key}", "keyword") for key in field["keys"])
    return fields


def scripted(name, script):
    return {"name": name, "type": "string", "count": 0, "scripted": True, "script": " ".join(script.split()),
            "lang": "painless", "searchable": True, "aggregatable": True, "readFromDocValues": False}


def pattern(definition, field_list):
    without = tuple(each + "." for each in definition.get("without", []))
    fields = pattern_fields(each for each in field_list if not each["name"].startswith(without))
    everywhere = {field["name"] for field in pattern_fields(field_list)}
    formats = definition.get("formats", {})
    for name in formats:
        if name not in everywhere:
            raise DefinitionError(f"pattern {definition['id']}: formats: there is no field {name}")
    formats = {field["name"]: formats[field["name"]] for field in fields if field["name"] in formats}
    fields.extend(scripted(name, script) for name, script in definition.get("scripted", {}).items())
    attributes = {"title": definition["title"], "timeFieldName": "@timestamp", "fields": compact(fields),
                  "fieldFormatMap": compact(formats)}
    return saved("index-pattern", definition["id"], attributes)


def search_source(panel):
    return {"query": {"query": panel.get("query", ""), "language": "lucene"}, "filter": [],
            "indexRefName": "kibanaSavedObjectMeta.searchSourceJSON.index"}


def pattern_reference(panel):
    return {"name": "kibanaSavedObjectMeta.searchSourceJSON.index", "type": "index-pattern",
            "id": PREFIX + panel["pattern"]}


def about(panel):
    """What a panel says of itself: its sense, and the classic command that prints the same figures."""
    parts = [panel["about"]] if "about" in panel else []
    if "classic" in panel:
        parts.append(f"As {panel['classic']}.")
    return " ".join(parts)


def search(name, title, panel):
    attributes = {"title": title, "description": about(panel), "columns": panel["columns"],
                  "sort": panel.get("sort", [["@timestamp", "desc"]]), "version": 1,
                  "kibanaSavedObjectMeta": {"searchSourceJSON": compact(
                      search_source(panel) | {"highlightAll": True, "version": True})}}
    return saved("search", name, attributes, [pattern_reference(panel)])


def visualization(name, title, panel):
    attributes = {"title": title, "description": about(panel), "uiStateJSON": "{}", "version": 1,
                  "visState": compact(visualizations.state(title, panel))}
    if panel["type"] == "text":
        source = {"query": {"query": "", "language": "lucene"}, "filter": []}
        attributes["kibanaSavedObjectMeta"] = {"searchSourceJSON": compact(source)}
        return saved("visualization", name, attributes)
    attributes["kibanaSavedObjectMeta"] = {"searchSourceJSON": compact(search_source(panel))}
    return saved("visualization", name, attributes, [pattern_reference(panel)])


def navigation(dashboard, dashboards):
    """Links to all dashboards; the one it stands on is no link."""
    words = [f"**{each['title']}**" if each is dashboard else f"[{each['title']}](#/view/{PREFIX}{each['id']})"
             for each in dashboards]
    return {"id": "navigation", "title": "Dashboards", "type": "text", "text": " · ".join(words), "width": COLUMNS,
            "height": NAVIGATION_HEIGHT}


def placed(panels):
    """From left to right, and below the highest of a row when the next has no room in it."""
    x = y = height = 0
    for panel in panels:
        width = panel.get("width", COLUMNS)
        if x + width > COLUMNS:
            x, y, height = 0, y + height, 0
        yield panel, {"x": x, "y": y, "w": width, "h": panel.get("height", 12)}
        x += width
        height = max(height, panel.get("height", 12))


def panel_object(dashboard, panel):
    for key in panel:
        if key not in PANEL_KEYS:
            raise DefinitionError(f"{dashboard['id']}/{panel.get('id')}: '{key}' is not known")
    name = f"{dashboard['id']}-{panel['id']}"
    title = f"{panel['title']} [actabeat {dashboard['title']}]"
    try:
        return search(name, title, panel) if panel["type"] == "search" else visualization(name, title, panel)
    except (KeyError, DefinitionError) as error:
        raise DefinitionError(f"{name}: {error}") from error


def dashboard_objects(dashboard, dashboards):
    """The dashboard and its panels."""
    panels, references, objects = [], [], []
    for panel, grid in placed([navigation(dashboard, dashboards)] + dashboard["panels"]):
        made = panel_object(dashboard, panel)
        index = str(len(panels) + 1)
        panels.append({"version": PANEL_VERSION, "gridData": grid | {"i": index}, "panelIndex": index,
                       "embeddableConfig": {}, "panelRefName": f"panel_{index}"})
        references.append({"name": f"panel_{index}", "type": made["type"], "id": made["id"]})
        objects.append(made)
    source = {"query": {"query": "", "language": "lucene"}, "filter": []}
    attributes = {"title": f"{dashboard['title']} [actabeat]", "description": dashboard["about"], "version": 1,
                  "timeRestore": False, "panelsJSON": compact(panels),
                  "optionsJSON": compact({"hidePanelTitles": False, "useMargins": True}),
                  "kibanaSavedObjectMeta": {"searchSourceJSON": compact(source)}}
    return objects + [saved("dashboard", dashboard["id"], attributes, references)]
