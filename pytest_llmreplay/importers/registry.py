"""The importers by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .helicone import HELICONE
from .jsonl import JSONL
from .langfuse import LANGFUSE
from .langsmith import LANGSMITH
from .leanllm.source import LEANLLM
from .openllm_monitor import OPENLLM_MONITOR
from .otel.source import OTEL
from .source import Source
from .vcrpy import VCRPY

__all__ = ["SOURCES"]

SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        one.name: one
        for one in (
            JSONL,
            VCRPY,
            HELICONE,
            LEANLLM,
            OPENLLM_MONITOR,
            LANGFUSE,
            LANGSMITH,
            OTEL,
        )
    }
)
