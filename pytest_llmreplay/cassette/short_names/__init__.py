"""Short names for what differs on every recording, as `call_#2` for an id of event 2.

`drawn` finds what a provider drew by lot or measured, and names that no line explains; `ids` names
it and brings it back, `lookalikes` are words that only look like such names.
"""
