"""What the pieces of a stream say, in neutral terms: the words between two wire formats.

`delta` has the terms; `blocks` puts deltas in order for formats that tell one block at a time,
`custom_calls` turns calls of functions back into calls of custom tools.
"""
