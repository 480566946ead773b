"""How requests tell a conversation.

`transcript` is what a free-running session changes in one, `tool_results` for formats in which each
result of a tool is a message, and for those in which one turn brings them all.
`turns` is the shape that converters write from.
"""
