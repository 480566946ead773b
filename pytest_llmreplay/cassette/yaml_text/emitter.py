"""JSON values as YAML that a reviewer can read and every YAML reader reads alike.

Block style, keys in the order given, no folded lines. A collection of scalars that fits on one
line stands on one line; one that holds a `role` (a turn of a conversation) never does, so that a
diff shows one fact per line. Text of several lines is a `|` block where nothing in it can leave
the block.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from functools import lru_cache

from pytest_llmreplay.event import Json

from .characters import RISKY, is_harmless
from .scan import LONGEST_KEY

__all__ = ["block", "flow", "member", "scalar"]

WIDTH = 100
DEEPEST_COLUMN = 80  # further in, nobody reads; JSON on one line spares the interpreter's stack
LONGEST_RECURRING = 100  # characters of a text that is remembered as it was written

_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@` ")
_FLOW_INDICATORS = re.compile(r"[][{},?]")
_KEY = re.compile(r"[^\W\d][\w.$/#-]*|\$\w+")
_WORDS = frozenset(["null", "true", "false", "yes", "no", "on", "off", "y", "n", "~", "<<", "="])
_LONGEST_WORD = 5
_NUMBER_OR_DATE = re.compile(
    r"""[-+]?(?:
        0x[0-9a-f_]* | 0o[0-7_]* | 0b[01_]*
        | \.?[0-9][0-9_,.:]*(?:e[-+]?[0-9_]*)?
        | [0-9]+(?:-[0-9]+)+(?:[t\ ].*)?
        | \.?(?:inf|nan)
    )|\.\.\..*""",
    re.VERBOSE | re.IGNORECASE,
)
_MIGHT_BE_NUMBER = frozenset("0123456789+.nNiI")


def block(value: dict[str, Json] | list[Json], indent: int) -> str:
    """A collection with one member per line, beginning in column `indent`."""
    pad = " " * indent
    if isinstance(value, list):
        return "".join([f"{pad}-{_element(element, indent)}" for element in value])
    return "".join([f"{pad}{_name(key, pad)}:{member(value[key], indent)}" for key in value])


def member(value: Json, indent: int) -> str:
    """What follows the colon of a key in column `indent`, to the end of its last line."""
    if (line := _beside(value, indent)) is not None:
        return line
    assert isinstance(value, dict | list)
    return "\n" + block(value, indent + 2 if isinstance(value, dict) else indent)


def flow(value: Json) -> str:
    """The value on one line, however long that is."""
    if isinstance(value, dict):
        return "{" + ", ".join([f"{_key(key)}: {flow(value[key])}" for key in value]) + "}"
    if isinstance(value, list):
        return "[" + ", ".join([flow(element) for element in value]) + "]"
    if isinstance(value, str) and _FLOW_INDICATORS.search(value):
        return _quoted(value)
    return scalar(value)


def scalar(value: Json) -> str:
    """A value that is no collection, on one line."""
    if isinstance(value, str):
        return _recurring(value) if len(value) <= LONGEST_RECURRING else _text(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value!r} is no JSON number and cannot stand in a cassette")
    return repr(value)


def _text(text: str) -> str:
    return text if _is_plain(text) else _quoted(text)


_recurring = lru_cache(maxsize=4096)(_text)
"""Names of models and roles, ids of tools: few texts, many times."""


def _element(value: Json, indent: int) -> str:
    """What follows the dash of a list in column `indent`."""
    if (line := _beside(value, indent)) is not None:
        return line
    assert isinstance(value, dict | list)
    return " " + block(value, indent + 2)[indent + 2 :]


def _beside(value: Json, indent: int) -> str | None:
    """The value as it begins on the line of its key or dash; none where it begins below."""
    if isinstance(value, str):
        return _block_text(value, indent) if _is_block(value) else f" {scalar(value)}\n"
    if not isinstance(value, dict | list):
        return f" {scalar(value)}\n"
    if not value:
        return " {}\n" if isinstance(value, dict) else " []\n"
    if indent > DEEPEST_COLUMN:
        return f" {_json(value)}\n"
    line = _short(value, WIDTH - indent)
    return line if line is None else f" {line}\n"


def _short(value: dict[str, Json] | list[Json], room: int) -> str | None:
    """The collection on one line, where it is short and simple enough to be read there."""
    if isinstance(value, list):
        if all(type(element) in {int, float} for element in value):
            return flow(value)  # a vector is one fact
        simple = _are_scalars(value, room)
    else:
        simple = len(value) * 5 <= room and "role" not in value and _are_leaves(value, room)
    line = flow(value) if simple else None
    return line if line is None or len(line) <= room else None


def _are_leaves(value: dict[str, Json], room: int) -> bool:
    """Whether no member goes deeper than one collection of scalars."""
    for element in value.values():
        if isinstance(element, dict):
            if "role" in element or not _are_scalars(element.values(), room):
                return False
        elif not _are_scalars(element if isinstance(element, list) else (element,), room):
            return False
    return True


def _are_scalars(elements: Iterable[Json], room: int) -> bool:
    for element in elements:
        if isinstance(element, str):
            if len(element) > room or "\n" in element:
                return False
        elif element and isinstance(element, dict | list):
            return False
    return True


def _name(key: str, pad: str) -> str:
    name = _key(key)
    return name if len(name) <= LONGEST_KEY else f"? {name}\n{pad}"


def _key(key: str) -> str:
    return _recurring_key(key) if len(key) <= LONGEST_RECURRING else _made_key(key)


def _made_key(key: str) -> str:
    return key if _KEY.fullmatch(key) and key.lower() not in _WORDS else _quoted(key)


_recurring_key = lru_cache(maxsize=4096)(_made_key)


def _is_plain(text: str) -> bool:
    """Whether no reader of YAML 1.1 or 1.2 takes the bare text for anything but that text."""
    if not text or text[0] in _INDICATORS or text[-1] in ": " or ": " in text or " #" in text:
        return False
    if text[0] in _MIGHT_BE_NUMBER and _NUMBER_OR_DATE.fullmatch(text):
        return False
    return (len(text) > _LONGEST_WORD or text.lower() not in _WORDS) and _is_one_line(text)


def _is_one_line(text: str) -> bool:
    return "\n" not in text and "\t" not in text and is_harmless(text)


def _quoted(text: str) -> str:
    if not _is_one_line(text):
        return _json(text)
    if "'" in text and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def _json(value: Json) -> str:
    return RISKY.sub(_escape, json.dumps(value, ensure_ascii=False, allow_nan=False))


def _escape(character: re.Match[str]) -> str:
    code = f"{ord(character[0]):04x}"
    return f"\\U{code:0>8}" if len(code) > 4 else f"\\u{code}"  # noqa: PLR2004 - digits behind a small u


def _is_block(text: str) -> bool:
    return "\n" in text and not text.isspace() and is_harmless(text)


def _block_text(text: str, indent: int) -> str:
    """A literal block; text that begins with a blank needs its indentation said."""
    pad = " " * (indent + 2)
    said = "2" if text[0] in " \t\n" else ""
    chomping = "-" if text[-1] != "\n" else "+" if text.endswith("\n\n") else ""
    lines = text.removesuffix("\n").split("\n")
    return f" |{said}{chomping}\n" + "".join([f"{pad}{line}\n" if line else "\n" for line in lines])
