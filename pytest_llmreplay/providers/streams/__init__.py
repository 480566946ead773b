"""What streams are made of, and how they are put together.

* `pieces` tells server-sent events (`sse`), `json_lines` and `aws_frames` apart; each has its
  `splitter`.
* `growing` reads long streams fast, `named_events` those whose events have a kind each.
* `messages_frames` are Anthropic's events in frames of AWS. `writing` makes pieces.
"""
