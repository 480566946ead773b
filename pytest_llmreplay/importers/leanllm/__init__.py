"""The events of LeanLLM: `sqlite` reads its database, `dump` a dump of its Postgres table.

`event` knows what a row means. https://github.com/leanllm-app/LeanLLM (leanllm/events/models.py)
"""
