"""`--llm-fresh`: only what tests still ask is sent.

`playing` starts a process that plays the tests first, `tests` is its plugin, `freshness` marks the
recordings that nobody asked for, or that are too old.
"""
