"""What Kibana asks of Elasticsearch for a saved object: the query and aggregations of its visState, as its sources in
src/plugins/data/common/search/aggs write them."""
import json

SIZE = 10000  # rows of a saved search
FIXED_INTERVAL = "1m"  # in place of auto, which depends on the width of the page
METRIC_TYPES = ("count", "cardinality", "sum", "avg", "min", "max")
BUCKET_TYPES = ("terms", "date_histogram", "filters")


def read(path):
    """Objects of an NDJSON file by type and id."""
    with open(path, encoding="utf-8") as lines:
        objects = [json.loads(line) for line in lines]
    return {(each["type"], each["id"]): each for each in objects}


def source_of(saved):
    return json.loads(saved["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])


def pattern_of(saved, objects):
    """The index pattern that an object refers to, or None (a markdown)."""
    name = source_of(saved).get("indexRefName")
    for reference in saved["references"]:
        if reference["name"] == name:
            return objects[(reference["type"], reference["id"])]
    return None


def scripted_fields(pattern):
    return {field["name"]: field for field in json.loads(pattern["attributes"]["fields"]) if field["scripted"]}


def lucene(query):
    if query["language"] != "lucene":
        raise ValueError(f"only Lucene's language is read here, not {query}")
    if query["query"].strip() in ("", "*"):
        return {"match_all": {}}
    return {"query_string": {"query": query["query"], "analyze_wildcard": True}}


def field_of(name, scripts):
    if name in scripts:
        return {"script": {"source": scripts[name]["script"], "lang": scripts[name]["lang"]}}
    return {"field": name}


def bucket_body(agg, metrics, scripts):
    params = agg["params"]
    if agg["type"] == "filters":
        return {"filters": {"filters": {each["label"]: lucene(each["input"]) for each in params["filters"]}}}
    if agg["type"] == "date_histogram":
        return {"date_histogram": {"field": params["field"], "fixed_interval": FIXED_INTERVAL,
                                   "min_doc_count": params["min_doc_count"]}}
    body = field_of(params["field"], scripts) | {"size": params["size"]}
    if "script" in body:
        body["value_type"] = "string"
    by = params["orderBy"]
    if by != "_key":
        by = "_count" if metrics[by]["type"] == "count" else by
    body["order"] = {by: params["order"]}
    if "include" in params:
        body["include"] = params["include"]
    if params["missingBucket"]:
        body["missing"] = "__missing__"
    return {"terms": body}


def aggregations(state, pattern):
    """The body of "aggs", and the aggregations of the state in the order of a row's columns."""
    scripts = scripted_fields(pattern)
    metrics = {each["id"]: each for each in state["aggs"] if each["type"] in METRIC_TYPES}
    buckets = [each for each in state["aggs"] if each["type"] in BUCKET_TYPES]
    if len(metrics) + len(buckets) != len(state["aggs"]):
        raise ValueError(f"an aggregation that is not known here: {state['aggs']}")
    inner = {}
    for number, each in metrics.items():
        if each["type"] != "count":
            inner[number] = {each["type"]: field_of(each["params"]["field"], scripts) |
                             json.loads(each["params"].get("json", "{}"))}
    body = inner
    for each in reversed(buckets):
        made = bucket_body(each, metrics, scripts)
        # Kibana calculates the metrics at the last bucket, and where an order needs them.
        made["aggs"] = body if body is inner else body | inner
        body = {each["id"]: made}
    return body, buckets, list(metrics.values())


def request(saved, objects, filters=()):
    """The body of _search for a visualization or a saved search; `filters`: those of the dashboard."""
    pattern = pattern_of(saved, objects)
    query = {"bool": {"filter": [lucene(source_of(saved)["query"]), {"exists": {"field": "@timestamp"}}, *filters]}}
    if saved["type"] == "search":
        scripts = scripted_fields(pattern)
        wanted = [name for name in saved["attributes"]["columns"] if name in scripts]
        sort = [{name: {"order": order, "unmapped_type": "boolean"}} for name, order in saved["attributes"]["sort"]]
        return {"size": SIZE, "query": query, "sort": sort,
                "script_fields": {name: field_of(name, scripts) for name in wanted}, "_source": True}
    body, _, _ = aggregations(json.loads(saved["attributes"]["visState"]), pattern)
    return {"size": 0, "track_total_hits": True, "query": query, "aggs": body}


def rows(saved, objects, answer):
    """The rows of a table: a tuple of the keys, then the metrics. Without buckets there is one row."""
    state = json.loads(saved["attributes"]["visState"])
    _, buckets, metrics = aggregations(state, pattern_of(saved, objects))

    def walk(level, node, keys, count):
        if level == len(buckets):
            return [keys + tuple(count if each["type"] == "count" else node[each["id"]]["value"] for each in metrics)]
        found, made = node[buckets[level]["id"]]["buckets"], []
        for bucket in found if isinstance(found, list) else [found[key] | {"key": key} for key in found]:
            key = bucket["key"]
            if key == "__missing__":
                key = buckets[level]["params"]["missingBucketLabel"]
            made.extend(walk(level + 1, bucket, keys + (key,), bucket["doc_count"]))
        return made

    return walk(0, answer.get("aggregations", {}), (), answer["hits"]["total"]["value"])


def value_at(document, path):
    for part in path.split("."):
        if not isinstance(document, dict):
            return None
        document = document.get(part)
    return document


def search_rows(saved, answer):
    """The rows of a saved search, its columns in order; None where a document has no such field."""
    made = []
    for hit in answer["hits"]["hits"]:
        scripts = {name: values[0] for name, values in hit.get("fields", {}).items()}
        made.append(tuple(scripts.get(name, value_at(hit["_source"], name))
                          for name in saved["attributes"]["columns"]))
    return made
