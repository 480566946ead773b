"""JSON that is imported, within bounds: no crowd of values and no nesting can harm."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from pytest_llmreplay.cassette.yaml_text.depth import is_deeper
from pytest_llmreplay.cassette.yaml_text.scan import MAX_DEPTH
from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import Json
from pytest_llmreplay.event.strict_json import STRICT_JSON

__all__ = ["is_crowd", "json_of", "json_values", "refuse_crowd"]

_MOST_VALUES: Final = 2_000_000
"""Values of one line: more are no words, and take gigabytes as objects of Python."""

_GAP: Final = re.compile(r"[\s,]*")
_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)
"""A bracket, or a text, which may hold some."""
_DEEPER: Final = {"[": 1, "{": 1, "]": -1, "}": -1}

_NO_TEXT: Final = "is not UTF-8"
_TOO_DEEP: Final = f"is nested more than {MAX_DEPTH} deep"


def json_of(data: bytes) -> Json:
    """The JSON that bytes are.

    Raises:
        InputUnreadable: They are no JSON, no UTF-8, too many values, or nested deeper than a
            cassette may be.
    """
    refuse_crowd(data)
    try:
        value: Json = STRICT_JSON.decode(data.decode())
    except (ValueError, RecursionError) as error:
        reason = _reason(error)
    else:
        if data.count(b"[") + data.count(b"{") > MAX_DEPTH:
            _refuse_depth(value)
        return value
    raise InputUnreadable(reason)  # out here, as the error would keep the whole text


def json_values(
    text: str, at: int = 0, end: str = "", *, line: int = 1
) -> Iterator[Json | InputUnreadable]:
    """The values that stand one after another in a text, with or without commas between them.

    What is wrong with one stands in its place, where it can be told what is behind it.

    Args:
        text: The text; `refuse_crowd` has let it pass. Bytes that are no UTF-8 are surrogates.
        at: Where the first begins.
        end: What stands behind the last; else it is the end of the text.
        line: The number of the first line of the text.

    Raises:
        InputUnreadable: A value does not end. Values before stay good.
    """
    while text[(at := _past_gap(text, at)) : at + 1] != end:
        begun = at
        try:
            value, at = STRICT_JSON.raw_decode(text, begun)
            text[begun:at].encode()
            _refuse_depth(value)
        except InputUnreadable as problem:
            yield problem
        except (ValueError, RecursionError) as error:
            if at == begun and (at := _past_nested(text, begun)) == begun:
                began = line + text.count("\n", 0, begun)
                torn = f"breaks off in the entry that begins in line {began}"
                raise InputUnreadable(torn) from None
            yield InputUnreadable(_reason(error))
        else:
            yield value


def _past_nested(text: str, at: int) -> int:
    """The end of a list or an object, told by brackets alone; its beginning where it has none."""
    depth = 0
    for found in _BRACKET.finditer(text, at) if text.startswith(("[", "{"), at) else ():
        depth += _DEEPER.get(found[0], 0)
        if not depth:
            return found.end()
    return at


def _reason(error: ValueError | RecursionError) -> str:
    match error:
        case UnicodeDecodeError():
            return f"{_NO_TEXT}: byte {error.start + 1} is no text"
        case UnicodeEncodeError():
            return _NO_TEXT
        case json.JSONDecodeError():
            return f"is no JSON: {error.msg}, character {error.pos + 1}"
        case ValueError():
            return f"is no JSON: {error}"
    return _TOO_DEEP


def _past_gap(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    return found.end() if found else at


def refuse_crowd(data: bytes) -> None:
    """Refuse JSON of more values than any call has.

    Raises:
        InputUnreadable: It could hold as many.
    """
    if is_crowd(data):
        raise InputUnreadable(f"holds more than {_MOST_VALUES:,} values")


def is_crowd(data: bytes) -> bool:
    """Whether JSON could hold more values than any call has."""
    return len(data) > _MOST_VALUES and data.count(b",") + data.count(b"[") > _MOST_VALUES


def _refuse_depth(value: Json) -> None:
    """Refuse what is nested deeper than a cassette may be.

    Raises:
        InputUnreadable: It is.
    """
    if is_deeper(value, MAX_DEPTH):
        raise InputUnreadable(_TOO_DEEP)
