"""The match key of a call: one function for recording and playback.

A key is made of the redacted request: method, path and canonical JSON body. Host and headers do
not count; the query counts where there is no body. The key line of a cassette is a cache that
`MatchRules.fingerprint` dates.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Callable
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from pytest_llmreplay.event import BinaryBody, Body, HttpRequest, Json, JsonBody, TextBody

from .json_dump import json_dump
from .match_rules import MatchRules
from .placeholders import renumbered
from .secret_names import is_secret_parameter

__all__ = [
    "KeyRedactor",
    "MatchRules",
    "canonical_json",
    "counted_query",
    "key_of_raw",
    "key_of_stored",
    "key_unredacted",
    "match_key",
]

_NOISE = frozenset({"api-version", "beta", "key"})
"""Query parameters that say nothing about the question asked."""


class KeyRedactor(Protocol):
    """The part of `Redactor` that keys need."""

    def might_hold_secret(self, text: str, /) -> bool:
        """Whether redaction could change a text or JSON text; no is always right."""
        ...

    def body(self, body: Body, /) -> Body:
        """A body as it may be written."""
        ...

    def url(self, url: str, /) -> str:
        """A URL as it may be written."""
        ...


def canonical_json(value: Json) -> str:
    """JSON text that is the same for values that count as equal."""
    return _canonical(_whole(value))


def match_key(method: str, url: str, body: Body | None, rules: MatchRules) -> str:
    """The key of a redacted request: 16 hexadecimal digits."""
    if isinstance(body, TextBody):  # JSON too deep for a cassette stands there as text
        _, counted = _parsed(body.text.encode(errors="surrogatepass"), rules)
    else:
        counted = _counted(body, rules)
    return _key(_opening(method, url, body is None), counted)


def key_of_stored(request: HttpRequest, rules: MatchRules, redactor: KeyRedactor) -> str:
    """The key of a request that a cassette stores, under today's rules of redaction too."""
    body, url = request.body, redactor.url(request.url)
    if isinstance(body, JsonBody) and rules.change_nothing:  # one text for the look and the key
        text = canonical_json(body.value)
        if not redactor.might_hold_secret(text):
            return _key(_opening(request.method, url, False), text)  # noqa: FBT003
    return match_key(request.method, url, None if body is None else redactor.body(body), rules)


def key_unredacted(method: str, url: str, content: bytes, rules: MatchRules) -> tuple[str, Json]:
    """The key of a request as it was sent, and its body, parsed.

    It is the request's true key unless redaction changes the request, and redaction leaves what is
    already redacted alone: whoever finds this key in a cassette has found the right event.
    The body is None where it is no JSON; integral floats in it are ints.
    """
    value, text = _parsed(content, rules)
    return _key(_opening(method, url, not content), text), value


def key_of_raw(
    method: str, url: str, content: bytes, rules: MatchRules, redactor: KeyRedactor
) -> str:
    """The key of a request as it was sent, once it is redacted."""
    value, text = _parsed(content, rules)
    if redactor.might_hold_secret(url):
        url = redactor.url(url)
    if content:
        body = _body(_uncompressed(content), value)
        if redactor.might_hold_secret(text if rules.change_nothing else _text_of(body)):
            text = _counted(redactor.body(body), rules)
    return _key(_opening(method, url, not content), text)


def _key(opening: Any, text: str) -> str:
    digest = opening.copy()
    digest.update(renumbered(text).encode(errors="surrogatepass"))
    return str(digest.hexdigest())


@lru_cache(maxsize=256)
def _opening(method: str, url: str, bare: bool) -> Any:  # noqa: FBT001 - positional for lru_cache's speed
    """A hash that has seen method and path, to be copied."""
    parts = urlsplit(url)
    target = parts.path or "/"
    if bare:
        target += f"?{counted_query(parts.query)}"
    opening = f"{method.upper()} {target}\n".encode(errors="surrogatepass")
    return hashlib.blake2b(opening, digest_size=8)


def counted_query(query: str) -> str:
    """What counts of the query of a request that has no body."""
    counted = (
        pair
        for pair in parse_qsl(query, keep_blank_values=True)
        if pair[0] not in _NOISE and not is_secret_parameter(pair[0])
    )
    return "&".join("=".join(pair) for pair in sorted(counted))


def _not_json(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _number(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() else number


_DECODER = json.JSONDecoder(parse_float=_number, parse_constant=_not_json)
_scan: Callable[[str, int], tuple[Json, int]] = vars(_DECODER)["scan_once"]


def _parsed(content: bytes, rules: MatchRules) -> tuple[Json, str]:
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
        return _parsed(plain, rules)
    try:
        value = _DECODER.decode(content.decode())
    except (ValueError, RecursionError):
        return None, _counted(_body(content, None), rules)
    return value, _canonical(rules.applied(value))


_GZIP = b"\x1f\x8b"
_LARGEST = 64 * 1024 * 1024


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


def _body(content: bytes, value: Json) -> Body:
    if value is not None:
        return JsonBody(value=value)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return BinaryBody(data=content)
    return JsonBody(value=None) if text.strip() == "null" else TextBody(text=text)


def _counted(body: Body | None, rules: MatchRules) -> str:
    """What counts of a body, as text."""
    if body is None:
        return ""
    if isinstance(body, JsonBody):
        return canonical_json(rules.applied(body.value))
    return rules.applied_to_text(_without_boundary(_text_of(body)))


def _text_of(body: Body) -> str:
    if isinstance(body, JsonBody):
        return _canonical(body.value)
    return body.text if isinstance(body, TextBody) else body.data.decode("latin-1")


_BOUNDARY = re.compile(r"--([^\r\n]{1,70}?)(?:--)?\r?\n")


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


_END = 256
_MANY = 20
"""Quotation marks at the end of a text from which on its strings are searched as fast as quoted."""

_canonical = json_dump(encode_basestring_ascii, sort_keys=True)
"""JSON with sorted keys and without blanks, all ASCII."""
_canonical_plain = json_dump(lambda text: f'"{text}"', sort_keys=True)
"""The same of a value whose strings need no escape: none of them is searched for what does."""
