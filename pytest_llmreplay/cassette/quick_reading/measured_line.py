"""What a played answer needs of its `measured` line: the name of the call, and short names.

Whatever our emitter would not write there is left to the document.
"""

from __future__ import annotations

from pytest_llmreplay.cassette.short_names.drawn import Drawn
from pytest_llmreplay.cassette.short_names.ids import Names, drawn_as
from pytest_llmreplay.cassette.yaml_text.fast_scalar import NotCanonical, plain

__all__ = ["read_measured"]

_OPENING = "\nmeasured: {"
_ID = "request_id: "
_NAMES = "ids: {"
_AROUND = ("{", " ")
"""What stands before a key."""
_OF_NAMES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-#.:+ ,'"


def read_measured(line: bytes) -> tuple[str | None, Names]:
    """The provider's own name of the call, if it is told, and the short names.

    Args:
        line: `measured` and what stands beside it, between line feeds; without the second one.

    Raises:
        NotCanonical: It is not as our emitter writes it, or not so simple.
        UnicodeDecodeError: It is no text.
        WrongField: What should be a time is none.
    """
    text = line.decode()
    begin = text.find(_NAMES)
    stop = begin if begin >= 0 else len(text) - 1
    at = text.find(_ID, 0, stop)
    # Quotation marks that are not in pairs before a key would make it a part of their text.
    if '"' in text or not text.startswith(_OPENING) or text.count("'", 0, stop) % 2:
        raise NotCanonical
    names = {} if begin < 0 else _names(text, begin)
    if at < 0:
        return None, names
    end = text.find(",", at, stop)
    request_id = text[at + len(_ID) : end if end >= 0 else stop]
    if text[at - 1] not in _AROUND or text.rfind("'", 0, stop) > at:
        raise NotCanonical
    if not request_id or plain(request_id) != request_id:
        raise NotCanonical
    return request_id, names


def _names(text: str, begin: int) -> dict[str, Drawn]:
    pairs = text[begin + len(_NAMES) : -2]
    closed = text[begin - 1] in _AROUND and text.endswith("}}")
    if not closed or pairs.encode().translate(None, _OF_NAMES):
        raise NotCanonical
    names: dict[str, Drawn] = {}
    for pair in pairs.split(", "):
        name, _, drawn = pair.partition(": ")
        if drawn[:1] == "'" == drawn[-1:]:
            drawn = drawn[1:-1]
        if not name.partition("#")[2] or not drawn or "'" in drawn or " " in drawn:
            raise NotCanonical
        names[name] = drawn_as(name, drawn)
    return names
