"""The visState of a panel, as Kibana 7.10 writes it: later versions and OpenSearch Dashboards read it too."""
import json

FONT_SIZE = 28  # of the numbers of a metric
TERMS_SIZE = 20
EXACT_UP_TO = 40000  # distinct values that Elasticsearch counts exactly at most (precision_threshold)

METRICS = {"count": "count", "distinct": "cardinality", "sum": "sum", "average": "avg", "first": "min", "last": "max"}
# What a bucket of each chart is for, in the order of the definition.
ROLES = {"metric": ["group"], "table": ["bucket"], "pie": ["segment"], "tags": ["segment"],
         "bar": ["segment", "group"], "line": ["segment", "group"], "area": ["segment", "group"]}
TYPES = {"table": "table", "metric": "metric", "pie": "pie", "tags": "tagcloud", "bar": "histogram", "line": "line",
         "area": "area", "text": "markdown"}


class DefinitionError(Exception):
    """A definition that makes no panel; says which and why."""


def one_key(what, known):
    """The one key of `what` that is among `known`, and its value."""
    keys = [key for key in what if key in known]
    if len(keys) != 1:
        raise DefinitionError(f"{what}: exactly one of {', '.join(known)} is needed")
    return keys[0], what[keys[0]]


def only(what, *known):
    for key in what:
        if key not in known:
            raise DefinitionError(f"{what}: '{key}' is not known; there are {', '.join(known)}")


def metric(definition, number):
    if definition == "count":
        definition = {"count": None}
    only(definition, *METRICS, "label")
    kind, field = one_key(definition, METRICS)
    params = {} if kind == "count" else {"field": field}
    if kind == "distinct":
        params["json"] = json.dumps({"precision_threshold": EXACT_UP_TO})
    if "label" in definition:
        params["customLabel"] = definition["label"]
    return {"id": str(number), "enabled": True, "type": METRICS[kind], "schema": "metric", "params": params}


def terms_params(definition, metric_ids):
    only(definition, "terms", "label", "size", "order", "by", "only", "missing")
    params = {"field": definition["terms"], "size": definition.get("size", TERMS_SIZE),
              "order": definition.get("order", "desc"),
              "orderBy": "_key" if definition.get("by") == "key" else metric_ids[definition.get("by", 0)],
              "otherBucket": False, "otherBucketLabel": "Other",
              "missingBucket": "missing" in definition, "missingBucketLabel": definition.get("missing", "Missing")}
    if "only" in definition:
        params["include"] = definition["only"]
    return params


def time_params(definition):
    only(definition, "time", "label")
    return {"field": definition["time"], "useNormalizedEsInterval": True, "scaleMetricValues": False,
            "interval": "auto", "drop_partials": False, "min_doc_count": 1, "extended_bounds": {}}


def filters_params(definition):
    only(definition, "filters")
    return {"filters": [{"input": {"query": query, "language": "lucene"}, "label": label}
                        for label, query in definition["filters"].items()]}


def bucket(definition, number, schema, metric_ids):
    kind, _ = one_key(definition, ("terms", "time", "filters"))
    if kind == "terms":
        params = terms_params(definition, metric_ids)
    else:
        params = time_params(definition) if kind == "time" else filters_params(definition)
    if "label" in definition:
        params["customLabel"] = definition["label"]
    return {"id": str(number), "enabled": True, "type": "date_histogram" if kind == "time" else kind, "schema": schema,
            "params": params}


def aggregations(panel):
    """Metrics are numbered from 1, buckets after them: Kibana refers to them by these numbers."""
    metrics = [metric(each, number) for number, each in enumerate(panel.get("metrics", ["count"]), 1)]
    ids = [each["id"] for each in metrics]
    roles = ROLES[panel["type"]]
    buckets = [bucket(each, len(metrics) + place + 1, roles[min(place, len(roles) - 1)], ids)
               for place, each in enumerate(panel.get("by", []))]
    return metrics + buckets


def axis(kind, position, label):
    made = {"id": f"{kind.capitalize()}Axis-1", "type": kind, "position": position, "show": True, "style": {},
            "scale": {"type": "linear"}, "labels": {"show": True, "filter": kind == "category", "truncate": 100},
            "title": {}}
    if kind == "value":
        made["name"] = "LeftAxis-1"
        made["scale"]["mode"] = "normal"
        made["labels"]["rotate"] = 0
        made["title"] = {"text": label}
    return made


def chart_params(panel, aggs):
    kind = TYPES[panel["type"]]
    labels = {each["id"]: each["params"].get("customLabel", "Count") for each in aggs if each["schema"] == "metric"}
    # Lines of different sums lie beside each other; parts of one number lie upon each other.
    mode = "normal" if kind == "line" or len(labels) > 1 else "stacked"
    series = [{"show": True, "type": kind, "mode": mode, "data": {"label": label, "id": number},
               "valueAxis": "ValueAxis-1", "drawLinesBetweenPoints": True, "lineWidth": 2, "interpolate": "linear",
               "showCircles": True} for number, label in labels.items()]
    return {"type": kind, "grid": {"categoryLines": False}, "categoryAxes": [axis("category", "bottom", "")],
            "valueAxes": [axis("value", "left", next(iter(labels.values())))], "seriesParams": series,
            "addTooltip": True, "addLegend": True, "legendPosition": "right", "times": [], "addTimeMarker": False,
            "labels": {"show": False},
            "thresholdLine": {"show": False, "value": 10, "width": 1, "style": "full", "color": "#E7664C"}}


def metric_params():
    return {"addTooltip": True, "addLegend": False, "type": "metric",
            "metric": {"percentageMode": False, "useRanges": False, "colorSchema": "Green to Red",
                       "metricColorMode": "None", "colorsRange": [{"from": 0, "to": 10000}], "labels": {"show": True},
                       "invertColors": False,
                       "style": {"bgFill": "#000", "bgColor": False, "labelColor": False, "subText": "",
                                 "fontSize": FONT_SIZE}}}


def table_params(panel):
    return {"perPage": panel.get("rows", 10), "showPartialRows": False, "showMetricsAtAllLevels": False,
            "sort": {"columnIndex": None, "direction": None}, "showTotal": panel.get("total", False),
            "totalFunc": "sum", "percentageCol": panel.get("share_of", "")}


def parameters(panel, aggs):
    kind = panel["type"]
    if kind in ("bar", "line", "area"):
        return chart_params(panel, aggs)
    if kind == "metric":
        return metric_params()
    if kind == "table":
        return table_params(panel)
    if kind == "pie":
        return {"type": "pie", "addTooltip": True, "addLegend": True, "legendPosition": "right", "isDonut": True,
                "labels": {"show": False, "values": True, "last_level": True, "truncate": 100}}
    return {"scale": "square root", "orientation": "single", "minFontSize": 14, "maxFontSize": 48, "showLabel": False}


def text_state(title, text):
    return {"title": title, "type": "markdown", "aggs": [],
            "params": {"fontSize": 12, "openLinksInNewTab": False, "markdown": text}}


def state(title, panel):
    """visState of a panel of any type but search."""
    if panel["type"] == "text":
        return text_state(title, panel["text"])
    if panel["type"] not in ROLES:
        raise DefinitionError(f"type '{panel['type']}' is not known; there are {', '.join(TYPES)} and search")
    aggs = aggregations(panel)
    return {"title": title, "type": TYPES[panel["type"]], "params": parameters(panel, aggs), "aggs": aggs}
