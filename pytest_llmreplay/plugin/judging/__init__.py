"""The judges of a run: made, announced with their price, asked ahead of the items.

`judges` does it, with `making` and `plans`; `duels` compares answers in pairs, `opponents` says
with whose.
"""
