"""The importers by name, and the one whose log a file is likely to be."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.importers.helicone.source import HELICONE
from pytest_llmreplay.importers.reading.files import InputFile

from .braintrust import BRAINTRUST
from .har import HAR
from .httprr import HTTPRR
from .jsonl import JSONL
from .langfuse import LANGFUSE
from .langsmith.source import LANGSMITH
from .leanllm.source import LEANLLM
from .mlflow.source import MLFLOW
from .openai_batch import OPENAI_BATCH
from .openai_finetune import OPENAI_FINETUNE
from .openllm_monitor import OPENLLM_MONITOR
from .opik import OPIK
from .otel.source import OTEL
from .pytest_recording import PYTEST_RECORDING
from .source import Source
from .vcrpy import VCRPY
from .weave import WEAVE

__all__ = ["SOURCES", "likely_source"]

_SOURCES: tuple[Source, ...] = (
    BRAINTRUST,
    HAR,
    HELICONE,
    HTTPRR,
    JSONL,
    LANGFUSE,
    LANGSMITH,
    LEANLLM,
    MLFLOW,
    OPENAI_BATCH,
    OPENAI_FINETUNE,
    OPENLLM_MONITOR,
    OPIK,
    OTEL,
    PYTEST_RECORDING,
    VCRPY,
    WEAVE,
)

SOURCES: Mapping[str, Source] = MappingProxyType({source.name: source for source in _SOURCES})
"""In the order of the alphabet."""

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
