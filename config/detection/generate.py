#!/usr/bin/env python3
"""Writes monitors/*.json, the rules of this folder as monitors of OpenSearch's alerting. Needs requirements.txt.

    generate.py             # writes them
    generate.py --check     # fails when they are not what would be written
    generate.py --queries   # Lucene queries of all rules by name (or file name), as JSON
"""
import json
import pathlib
import sys

from sigma.backends.opensearch import OpensearchLuceneBackend
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule, SigmaCorrelationType
from sigma.rule import SigmaRule

HERE = pathlib.Path(__file__).resolve().parent
INDICES = {"auditd": "logs-actabeat.audit-*", "actabeat": "logs-actabeat.lost-*"}
SEVERITY = {"CRITICAL": "1", "HIGH": "2", "MEDIUM": "3", "LOW": "4", "INFORMATIONAL": "5"}
EVERY_MINUTES = 5
# A document may come late: each run looks back over several. An alert that is there already stays one.
LATE_MINUTES = 15
SHOWN = 10  # events in what an action is given
GROUPS = 1000  # addresses in one run; those with the most events


def rules():
    """Rules by file, in their order, without those that others only refer to."""
    return {path.stem: SigmaCollection.load_ruleset([path]) for path in sorted(HERE.glob("*.yml"))}


def query_of(rule):
    # Made anew: one that a correlation refers to is kept from being a query of its own.
    found = OpensearchLuceneBackend().convert_rule(SigmaRule.from_dict(rule.to_dict()))
    if len(found) != 1:
        raise SystemExit(f"{rule.title}: {len(found)} queries, not one")
    return found[0]


def search(query):
    return {"query_string": {"query": query, "analyze_wildcard": True}}


def within(minutes):
    return {"range": {"@timestamp": {"gte": f"{{{{period_end}}}}||-{minutes}m", "lte": "{{period_end}}",
                                     "format": "epoch_millis"}}}


def monitor(rule, index, body, condition):
    """A monitor that has no action: whom to tell is the user's to say."""
    return {"type": "monitor", "monitor_type": "query_level_monitor", "name": f"actabeat: {rule.title}",
            "enabled": True, "schedule": {"period": {"interval": EVERY_MINUTES, "unit": "MINUTES"}},
            "inputs": [{"search": {"indices": [index], "query": body}}],
            "triggers": [{"query_level_trigger": {
                "name": rule.title, "severity": SEVERITY[rule.level.name],
                "condition": {"script": {"source": condition, "lang": "painless"}}, "actions": []}}]}


def of_events(rule):
    body = {"size": SHOWN, "track_total_hits": True, "sort": [{"@timestamp": "desc"}],
            "query": {"bool": {"filter": [within(LATE_MINUTES), search(query_of(rule))]}}}
    return monitor(rule, INDICES[rule.logsource.service], body, "ctx.results[0].hits.total.value > 0")


def of_sequence(rule):
    """First many of one event, then another one, of the same group."""
    many, then = (reference.rule for reference in rule.rules)
    first = many.rules[0].rule
    if many.type != SigmaCorrelationType.EVENT_COUNT or many.condition.op.name != "GTE" or len(rule.group_by) != 1:
        raise SystemExit(f"{rule.title}: only event_count with gte, then an event, by one field, is made a monitor")
    count = many.condition.count
    minutes = max(rule.timespan.seconds, many.timespan.seconds) // 60 + EVERY_MINUTES
    matches = {"bool": {"should": [search(query_of(first)), search(query_of(then))], "minimum_should_match": 1}}
    # The first `count` of them, the oldest first, and the last of the other.
    inner = {
        "many": {"filter": search(query_of(first)), "aggs": {
            "first": {"top_hits": {"size": count, "sort": [{"@timestamp": "asc"}], "_source": False}}}},
        "then": {"filter": search(query_of(then)), "aggs": {"last": {"max": {"field": "@timestamp"}}}},
        "both": {"bucket_selector": {"buckets_path": {"many": "many._count", "then": "then._count"},
                                     "script": f"params.many >= {count} && params.then > 0"}}}
    body = {"size": 0, "query": {"bool": {"filter": [within(minutes), matches]}},
            "aggs": {"groups": {"terms": {"field": rule.group_by[0], "size": GROUPS}, "aggs": inner}}}
    condition = (f"for (g in ctx.results[0].aggregations.groups.buckets) {{ "
                 f"if (g.then.last.value >= g.many.first.hits.hits[{count - 1}].sort[0]) {{ return true }} }} "
                 f"return false")
    return monitor(rule, INDICES[first.logsource.service], body, condition)


def monitor_of(collection):
    rule = collection.rules[-1]
    return of_sequence(rule) if isinstance(rule, SigmaCorrelationRule) else of_events(rule)


def main():
    everything = rules()
    if "--queries" in sys.argv[1:]:
        queries = {getattr(rule, "name", None) or stem: query_of(rule) for stem, each in everything.items()
                   for rule in each.rules if not isinstance(rule, SigmaCorrelationRule)}
        print(json.dumps(queries, indent=1))
        return
    wanted = {HERE / f"monitors/{stem}.json": json.dumps(monitor_of(each), indent=2, ensure_ascii=False) + "\n"
              for stem, each in everything.items()}
    if "--check" in sys.argv[1:]:
        there = {path: path.read_text(encoding="utf-8") for path in (HERE / "monitors").glob("*.json")}
        if there != wanted:
            sys.exit("config/detection/monitors is not what its rules make: run generate.py")
        return
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
