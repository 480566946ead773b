"""What answers say and ask for, and how much two of them have in common.

`content` is an answer without what differs on every call, `answer_view` what several checks look at
in it, read as JSON as well. `arguments` are those of tool calls (`left_out` some of them);
`differences` and `similarity` are those of texts.
"""
