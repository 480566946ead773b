"""What is judged beyond single events: sessions, the run, and targets over it.

`beyond_events` hands results to `scopes` (checks over sessions and the run, with `run_figures`)
and to `whole_run`, which has the gate: `preflight` says what it can come to, `run_gate` decides
with the `metrics` of each target, `verdicts` are what it says, `one_gate` keeps it a single one.
"""
