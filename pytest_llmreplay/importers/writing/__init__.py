"""Imported calls on their way into cassettes.

Calls of a session wait in `spool`, as `spooled` writes them, until all are there; `clean` takes out
what must not be written, `events` makes events of them, `cassettes` writes those at the place that
`naming` gives, several `side_by_side`, and `tally` counts.
"""
