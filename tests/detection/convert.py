#!/usr/bin/env python3
"""Queries of Sigma rules by our pipeline, as JSON by the rules' ids: convert.py PIPELINE RULES.json, in an environment
that has pySigma. RULES.json: a list of rules with `id` and `yaml`."""
import json
import pathlib
import sys

from sigma.backends.opensearch import OpensearchLuceneBackend
from sigma.collection import SigmaCollection
from sigma.processing.pipeline import ProcessingPipeline

pipeline = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
queries = {}
for rule in json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")):
    backend = OpensearchLuceneBackend(processing_pipeline=ProcessingPipeline.from_yaml(pipeline))
    queries[rule["id"]] = backend.convert(SigmaCollection.from_yaml(rule["yaml"]))[0]
print(json.dumps(queries))
