#!/usr/bin/env python3
"""Writes actabeat.ndjson, what Kibana and OpenSearch Dashboards import, from definitions/ and the list of fields.

    generate.py            # writes it
    generate.py --check    # fails when it is not what would be written
"""
import pathlib
import sys

import yaml

import saved_objects

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE / "actabeat.ndjson"
FIELDS = HERE.parent / "src/event/fields.yaml"


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def definitions():
    """The index patterns, and the dashboards in the order of their files."""
    paths = sorted((HERE / "definitions").glob("*.yml"))
    return (read(HERE / "definitions/patterns.yml"),
            [read(path) for path in paths if path.name != "patterns.yml"])


def objects():
    patterns, dashboards = definitions()
    field_list = read(FIELDS)
    made = [saved_objects.pattern(each, field_list) for each in patterns]
    for dashboard in dashboards:
        made.extend(saved_objects.dashboard_objects(dashboard, dashboards))
    names = [(each["type"], each["id"]) for each in made]
    for name in names:
        if names.count(name) > 1:
            raise saved_objects.DefinitionError(f"{name[0]} {name[1]} comes twice")
    return made


def main():
    try:
        text = "".join(saved_objects.compact(each) + "\n" for each in objects())
    except saved_objects.DefinitionError as error:
        sys.exit(f"kibana-dashboards/definitions: {error}")
    if "--check" in sys.argv[1:]:
        if not OUT.exists() or OUT.read_text(encoding="utf-8") != text:
            sys.exit("kibana-dashboards/actabeat.ndjson is not what its definitions make: run generate.py")
        return
    OUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
