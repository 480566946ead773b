"""Whose log a file is likely to be, by words that those of one source alone begin with."""

from __future__ import annotations

from typing import Final

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.importers.reading.files import InputFile

__all__ = ["likely_source"]

_WORDS: Final = (
    ("httprr", (b"httprr trace v",)),
    ("leanllm", (b"SQLite format 3\0",)),
    ("mlflow", (b"mlflow.traceRequestId",)),
    ("otel", (b'"resourceSpans"',)),
    ("har", (b'"startedDateTime"',)),
    ("braintrust", (b'"span_attributes"',)),
    ("weave", (b'"op_name"',)),
    ("langsmith", (b'"run_type"',)),
    ("helicone", (b'"request_created_at"',)),
    ("langfuse", (b'"GENERATION"',)),
    ("openai-batch", (b'"custom_id"', b'"url"')),
    ("openai-batch", (b'"custom_id"', b'"status_code"')),
    ("vcrpy", (b"interactions:",)),
    ("vcrpy", (b'"interactions"', b'"uri"')),
    ("opik", (b'"trace_id"', b'"created_from"')),
    ("otel", (b'"resourceLogs"',)),
    ("otel", (b'"span_id"', b'"attributes"')),
    ("otel", (b'"context.span_id"',)),
    ("otel", (b'"spanID"', b'"operationName"')),
    ("openllm-monitor", (b'"prompt"', b'"completion"', b'"isReplay"')),
    ("jsonl", (b'"request"', b'"response"')),
    ("openai-finetune", (b'\n{"messages"',)),
)
"""What stands in the beginning of a log, all of it, the surest signs first; a line feed stands
before each line."""
_LOOKED_AT: Final = 256 * 1024


def likely_source(file: InputFile) -> str | None:
    """The name of the source that reads such files; none where nothing tells it."""
    try:
        begin = b"\n" + next(file.blocks(), b"")[:_LOOKED_AT]
    except InputUnreadable:
        return None
    found = (name for name, words in _WORDS if all(word in begin for word in words))
    return next(found, None)
