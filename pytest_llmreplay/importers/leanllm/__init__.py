"""The events of LeanLLM: `database` reads its SQLite file, `dump` a dump of its Postgres table.

`statements` tells those of a dump apart, `event` knows what a row means, `source` is the importer.
https://github.com/leanllm-app/LeanLLM (leanllm/events/models.py)
"""
