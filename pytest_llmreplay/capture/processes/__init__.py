"""LLM calls of processes that a test starts anew, which have no tape of their own.

`tickets` says what they take along, `starting` and `pools` see that they do. There, `asking` is the
tape; here, `answering` hears it over a `line`, and `deciding` says what becomes of a call.
"""
