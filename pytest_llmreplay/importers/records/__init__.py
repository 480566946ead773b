"""Logs that tell a call in a record, whatever holds the records.

`logs` is a source of such, `listed` finds the records, those of lists by `lists`, and `kinds` knows
files that hold none. Those that come in `halved` form, as a call began and as it ended, are joined
by `waiting` for the other half. `moments` reads their times.
"""
