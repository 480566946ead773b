"""What a whole replay says at its end.

Each `result` is added to a `tally`; `summary` puts its `table`, the `causes` of what failed, the
checks in `force`, what the judge took (`judged`) and what passed the `limit` on the screen.
"""
