"""`llmreplay.yaml`: targets, checks, judges and the gate for the cassettes below it.

`file` is the whole, `text` its keys with their lines, `target_entry` and `gate` are sections.
"""
