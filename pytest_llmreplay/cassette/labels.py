"""Labels of events for node ids, read without parsing a document."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .cassette import Cassette

__all__ = ["label_at", "labels"]

_NAME = re.compile(rb"event: \d+\r?\nname: ([A-Za-z_][\w.-]*)\r?\n")
_UNNAMED = re.compile(rb"event: \d+\r?\n(?!name)\w")
_SPECIAL = re.compile(r"[^\w.-]+")


def labels(cassette: Cassette) -> Iterator[str]:
    """`0002-assistant-argument` for each event, in the order of the file.

    Raises:
        CassetteDamaged: A document that a person wrote cannot be read.
    """
    for place in range(len(cassette.index.events)):
        yield label_at(cassette, place)


def label_at(cassette: Cassette, place: int) -> str:
    """The label of one event; `labels` tells the rest.

    Args:
        cassette: Its cassette.
        place: In the order of the file, counted from 0.
    """
    slot = cassette.index.events[place]
    name = _name(cassette, place, slot.start)
    return f"{slot.number:04d}-{name}" if name else f"{slot.number:04d}"


def _name(cassette: Cassette, place: int, start: int) -> str:
    data = cassette.index.data
    first = data.find(b"\n", start) + 1
    if found := _NAME.match(data, first):
        return found[1].decode()
    if _UNNAMED.match(data, first):
        return ""
    return _SPECIAL.sub("-", cassette.document(place).head.name or "").strip("-")
