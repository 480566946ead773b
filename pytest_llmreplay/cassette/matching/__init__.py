"""The match key of a call: one function for recording and playback.

`keys` makes it of what `counted_body` counts under the user's `rules`; `call_ids` is what
does not count in ids of tool calls.
"""
