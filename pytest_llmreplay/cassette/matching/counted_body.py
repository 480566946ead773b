"""What counts of the body of a request, as one text for bodies that count as equal."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable
from json.encoder import encode_basestring_ascii

from pytest_llmreplay.cassette.json_dump import json_dump
from pytest_llmreplay.event import BinaryBody, Body, Json, JsonBody, TextBody
from pytest_llmreplay.event.strict_json import refuse_constant

from .rules import MatchRules

__all__ = ["body_of", "canonical_json", "counted", "parsed", "text_of"]

_GZIP = b"\x1f\x8b"
_LARGEST = 64 * 1024 * 1024
"""Bytes of a body that is decompressed."""
_BOUNDARY = re.compile(r"--([^\r\n]{1,70}?)(?:--)?\r?\n")

_END = 256
"""Characters that are the end of a text."""
_MANY = 20
"""Quotation marks at the end of a text from which on its strings are searched as fast as quoted."""

_canonical = json_dump(encode_basestring_ascii, sort_keys=True)
"""JSON with sorted keys and without blanks, all ASCII."""
_canonical_plain = json_dump(lambda text: f'"{text}"', sort_keys=True)
"""The same of a value whose strings need no escape: none of them is searched for what does."""


def _number(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() else number


_DECODER = json.JSONDecoder(parse_float=_number, parse_constant=refuse_constant)
_scan: Callable[[str, int], tuple[Json, int]] = vars(_DECODER)["scan_once"]


def canonical_json(value: Json) -> str:
    """JSON text that is the same for values that count as equal."""
    return _canonical(_whole(value))


def parsed(content: bytes, rules: MatchRules) -> tuple[Json, str]:
    """The JSON value of a body, and what counts of it as text."""
    if not content:
        return None, ""
    try:
        text = content.decode()
        value, end = _scan(text, 0)
        if end != len(text):
            value = _DECODER.decode(text)
    except (StopIteration, ValueError, RecursionError):
        return _unusual(content, rules)
    if not rules.change_nothing:
        return value, _canonical(rules.applied(value))
    return value, (_canonical_plain if _is_plain(text) else _canonical)(value)


def _is_plain(text: str) -> bool:
    """Whether the strings of a JSON text are canonical as they stand, and long enough to gain.

    Only its end is looked at for the latter: there stand tools, whose strings are short.
    """
    return (
        text.isascii()
        and "\\" not in text
        and "\x7f" not in text
        and text.count('"', -_END) < _MANY
    )


def _unusual(content: bytes, rules: MatchRules) -> tuple[Json, str]:
    """A body that is JSON after blanks, compressed, or none at all."""
    plain = _uncompressed(content)
    if plain is not content:
        return parsed(plain, rules)
    try:
        value = _DECODER.decode(content.decode())
    except (ValueError, RecursionError):
        return None, counted(body_of(content, None), rules)
    return value, _canonical(rules.applied(value))


def _uncompressed(content: bytes) -> bytes:
    """A gzip body's text: two compressions of one text differ in their time stamp."""
    if not content.startswith(_GZIP):
        return content
    unzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = unzip.decompress(content, _LARGEST)
    except zlib.error:
        return content
    return plain if unzip.eof and plain else content


def body_of(content: bytes, value: Json) -> Body:
    """A body as it was sent, with the value that `parsed` found in it."""
    if value is not None:
        return JsonBody(value=value)
    plain = _uncompressed(content)
    try:
        text = plain.decode()
    except UnicodeDecodeError:
        return BinaryBody(data=plain)
    return JsonBody(value=None) if text.strip() == "null" else TextBody(text=text)


def counted(body: Body | None, rules: MatchRules) -> str:
    """What counts of a body, as text."""
    if body is None:
        return ""
    if isinstance(body, JsonBody):
        return canonical_json(rules.applied(body.value))
    return rules.applied_to_text(_without_boundary(text_of(body)))


def text_of(body: Body) -> str:
    """A body as one text, without a look at what of it counts."""
    if isinstance(body, JsonBody):
        return _canonical(body.value)
    return body.text if isinstance(body, TextBody) else body.data.decode("latin-1")


def _without_boundary(text: str) -> str:
    """A multipart body without the boundary that its sender drew by lot; else the text."""
    first = _BOUNDARY.match(text)
    if first is None or not text.rstrip().endswith(f"--{first[1]}--"):
        return text
    return text.replace(f"--{first[1]}", "--boundary")


def _whole(value: Json) -> Json:
    """The value with integral floats as ints: JSON knows one kind of number."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    return value
