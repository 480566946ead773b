"""The importers by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pytest_llmreplay.importers.helicone.source import HELICONE

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
from .weave.source import WEAVE

__all__ = ["SOURCES"]

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
