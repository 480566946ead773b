"""Replays that are kept: what each call was answered, so that nobody pays for it twice.

A run file holds calls, and nothing that can be derived from them.

* Writing: `keeping` is the store of a run under way. Each call is a line (`rows`; `header` is the
  first) of the `run_file`, `clean` of what must not be there; `opinions` are lines of their own.
* Reading: `place` knows where run files are, `stored` reads one back whatever became of it, by its
  `run_lines` and `row_reading`; `calibrated` has the answers of a calibration.
* `choosing` says which calls are meant, `recordings` finds what they replayed; `accepting` takes
  their answers into the cassettes.
"""
