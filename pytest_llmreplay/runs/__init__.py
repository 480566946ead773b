"""Replays that are kept: what each call was answered, so that nobody pays for it twice.

A run file holds calls, and nothing that can be derived from them: `header` is its first line and
`rows` the line of a call. `run_file` writes one line per call as it ends, `stored` reads a file
back whatever became of it, with `run_lines`, and `place` knows where run files are. `keeping` is
the store of a run under way: it appends, and finds what earlier runs have.
"""
