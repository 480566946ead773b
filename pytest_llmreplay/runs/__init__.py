"""Replays that are kept: what each call was answered, so that nobody pays for it twice.

A run file holds calls, and nothing that can be derived from them: `run_file` writes one line per
call as it ends, `rows` is the line of a call, `stored` reads a file back whatever became of it,
`place` knows where run files are. `keeping` is the store of a run under way: it appends, and
finds what earlier runs have.
"""
