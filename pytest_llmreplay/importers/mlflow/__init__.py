"""Traces of MLflow: `call` knows what a span means; `source` is the importer."""
