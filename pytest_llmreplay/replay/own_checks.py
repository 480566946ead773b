"""The checks that a cassette brings along."""

from __future__ import annotations

from pytest_llmreplay.cassette.document import EventDocument
from pytest_llmreplay.compare.layers import Layer

__all__ = ["own_checks"]


def own_checks(document: EventDocument) -> tuple[Layer, ...]:
    """An event's own checks take the place of its cassette's."""
    if document.head.checks is not None:
        return (Layer(source="event", specs=document.head.checks),)
    if document.header.checks:
        return (Layer(source="cassette header", specs=document.header.checks),)
    return ()
