"""Recordings that are not finished: each call is on disk before the next one begins.

`journal` appends to a partial `file`, `unfinished` finds those that were left.
"""
