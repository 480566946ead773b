"""What OpenTelemetry says around a call, in a process that uses it anyway."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

__all__ = ["carried", "telemetry"]


def telemetry() -> Mapping[str, str]:
    """Attributes of the current span, and above them the baggage; nothing where there is none.

    OpenTelemetry is never imported here: who uses it has done so.
    """
    trace, baggage = map(sys.modules.get, ("opentelemetry.trace", "opentelemetry.baggage"))
    if trace is None and baggage is None:
        return {}
    span = None if trace is None else trace.get_current_span()
    entries = {} if baggage is None else baggage.get_all()
    # Only spans of an SDK that record anything have attributes that can be read.
    return dict([*_texts(getattr(span, "attributes", None)), *_texts(entries)])


def carried(header: str) -> Mapping[str, str]:
    """Baggage that came with a call, as an instrumented client in another process sends it.

    Args:
        header: https://www.w3.org/TR/baggage/#header-content
    """
    members = (member.partition(";")[0].partition("=") for member in header.split(","))
    values = {name.strip(): unquote(value.strip()) for name, _, value in members}
    return {name: value for name, value in values.items() if value}


def _texts(attributes: Any) -> Iterator[tuple[str, str]]:
    if isinstance(attributes, Mapping):
        for name, value in attributes.items():
            if isinstance(value, str | bool | int | float) and value != "":
                yield name, str(value)
