"""Runs of LangSmith: `run` knows what one means, `sent` reads what the SDKs send of them.

`source` is the importer, and joins the halves of runs that were sent in two.
"""
