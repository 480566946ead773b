"""The bytes that are played, without reading the rest of a document.

`plain_answer` takes them out where our own emitter wrote them: `json_text` with `json_scalar` for
JSON, `plain_stream` for streams, `answer_head` and `measured_line` for what stands around.
"""
