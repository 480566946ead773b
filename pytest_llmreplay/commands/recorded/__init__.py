"""Recorded events as commands look at them: found, read, in sessions, side by side.

* `recordings`, `reading`: events of cassettes; those that are damaged are told of.
* `selection`: the events that an estimate is asked about, and where each would go.
* `sessions`: events that belong together; `sides`, `pairing`: those held against each other.
* `show_recorded`: what `show` says of them.
"""
