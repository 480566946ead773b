"""JSON that is imported, within bounds: no crowd of values and no nesting can harm."""

from __future__ import annotations

import json
from typing import Final

from pytest_llmreplay.cassette.yaml_text.depth import is_deeper
from pytest_llmreplay.cassette.yaml_text.scan import MAX_DEPTH
from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import Json
from pytest_llmreplay.event.strict_json import STRICT_JSON

__all__ = ["json_of", "refuse_crowd"]

_MOST_VALUES: Final = 2_000_000
"""Values of one line: more are no words, and take gigabytes as objects of Python."""

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
    except UnicodeDecodeError as error:
        raise InputUnreadable(f"is not UTF-8: byte {error.start + 1} is no text") from None
    except json.JSONDecodeError as error:
        raise InputUnreadable(f"is no JSON: {error.msg}, character {error.pos + 1}") from None
    except ValueError as error:
        raise InputUnreadable(f"is no JSON: {error}") from None
    except RecursionError:
        raise InputUnreadable(_TOO_DEEP) from None
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH:
        _refuse_depth(value)
    return value


def refuse_crowd(data: bytes) -> None:
    """Refuse JSON of more values than any call has.

    Raises:
        InputUnreadable: It could hold as many.
    """
    if len(data) > _MOST_VALUES and data.count(b",") + data.count(b"[") > _MOST_VALUES:
        raise InputUnreadable(f"holds more than {_MOST_VALUES:,} values")


def _refuse_depth(value: Json) -> None:
    """Refuse what is nested deeper than a cassette may be.

    Raises:
        InputUnreadable: It is.
    """
    if is_deeper(value, MAX_DEPTH):
        raise InputUnreadable(_TOO_DEEP)
