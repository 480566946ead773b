"""The match key of a call: one function for recording and playback.

`keys` makes it of what `counted_body` counts under the user's `rules`; `replacements` are those of
`llm_match_replace`, `call_ids` what does not count in ids of tool calls.
"""
