"""The checks that a cassette brings along."""

from __future__ import annotations

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.compare.specs.layers import Layer

__all__ = ["own_checks", "shared_checks"]


def own_checks(document: EventDocument) -> tuple[Layer, ...]:
    """An event's own checks take the place of its cassette's."""
    if document.head.checks is not None:
        return (Layer(source="event", specs=document.head.checks),)
    return _of_header(document.header)


def shared_checks(cassette: Cassette) -> tuple[Layer, ...] | None:
    """What `own_checks` says of every event, without reading one; none where they may differ."""
    return None if cassette.index.may_have(b"checks") else _of_header(cassette.header)


def _of_header(header: Header) -> tuple[Layer, ...]:
    return (Layer(source="cassette header", specs=header.checks),) if header.checks else ()
