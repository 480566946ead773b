"""Sessions that run freely: what the target said stands in their later requests.

`history` keeps one, event by event (`free_turn`), and writes its requests anew: `conversation`
takes them apart, `quotations` finds the answers they quote, `manner` and `retold` how the
application tells them, `tool_results` what its tools answer. `going_on` is for requests that tell
no conversation, `kept_conversations` for those that a provider keeps. `promoting` makes recordings
of such sessions.
"""
