"""Traces as Grafana Tempo answers them: OTLP by names of its own, with ids in base64.

https://grafana.com/docs/tempo/latest/api_docs/#query
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_list

__all__ = ["plain_id", "tempo_resources"]

_LENGTHS: Final = (12, 24)
"""Of ids of 8 and 16 bytes in base64."""


def tempo_resources(document: Mapping[str, Json]) -> list[Json]:
    """What OTLP calls `resourceSpans`, of both versions of the API; none of other things."""
    trace = document.get("trace")
    if isinstance(trace, dict):
        return as_list(trace.get("resourceSpans"))
    return as_list(document.get("batches"))


def plain_id(text: str) -> str:
    """An id in hexadecimal, as everybody else writes it."""
    if len(text) not in _LENGTHS or not text.endswith("="):
        return text
    try:
        return base64.b64decode(text, validate=True).hex()
    except ValueError:
        return text
