"""The match key of a call: one function for recording and playback.

A key is made of the redacted request: method, path and canonical JSON body. Host and headers do
not count; the query counts where there is no body. The key line of a cassette is a cache that
`MatchRules.fingerprint` dates.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from pytest_llmreplay.cassette.redaction.placeholders import names_in_order, renumbered
from pytest_llmreplay.cassette.redaction.secret_names import is_secret_parameter
from pytest_llmreplay.event import Body, HttpRequest, Json, JsonBody, TextBody

from .counted_body import body_of, canonical_json, counted, parsed, text_of
from .rules import MatchRules

__all__ = [
    "KeyRedactor",
    "MatchRules",
    "counted_query",
    "key_of_raw",
    "key_of_stored",
    "key_unredacted",
    "match_key",
]

_NOISE = frozenset({"api-version", "beta", "key"})
"""Query parameters that say nothing about the question asked."""

_LEGAL = "/%:@!$&'()*+,;=[]"
"""What a path has unescaped (RFC 3986, 3.3), the brackets of placeholders, and escapes."""


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


def match_key(method: str, url: str, body: Body | None, rules: MatchRules) -> str:
    """The key of a redacted request: 16 hexadecimal digits."""
    if isinstance(body, TextBody):  # JSON too deep for a cassette stands there as text
        value, text = parsed(body.text.encode(errors="surrogatepass"), rules)
    else:
        value, text = _value(body), counted(body, rules)
    return _key(_opening(method, url, body is None, rules.exact), text, value, rules)


def key_of_stored(request: HttpRequest, rules: MatchRules, redactor: KeyRedactor) -> str:
    """The key of a request that a cassette stores, under today's rules of redaction too."""
    body, url = request.body, redactor.url(request.url)
    if isinstance(body, JsonBody) and rules.change_nothing:  # one text for the look and the key
        text = canonical_json(body.value)
        if not redactor.might_hold_secret(text):
            return _key(_opening(request.method, url, False, True), text, body.value, rules)  # noqa: FBT003 - see there
    return match_key(request.method, url, None if body is None else redactor.body(body), rules)


def key_unredacted(method: str, url: str, content: bytes, rules: MatchRules) -> tuple[str, Json]:
    """The key of a request as it was sent, and its body, parsed.

    It is the request's true key unless redaction changes the request, and redaction leaves what is
    already redacted alone: whoever finds this key in a cassette has found the right event.
    The body is None where it is no JSON; integral floats in it are ints.
    """
    value, text = parsed(content, rules)
    return _key(_opening(method, url, not content, rules.exact), text, value, rules), value


def key_of_raw(
    method: str, url: str, content: bytes, rules: MatchRules, redactor: KeyRedactor
) -> str:
    """The key of a request as it was sent, once it is redacted."""
    value, text = parsed(content, rules)
    if redactor.might_hold_secret(url):
        url = redactor.url(url)
    if content:
        body = body_of(content, value)
        if redactor.might_hold_secret(text if rules.change_nothing else text_of(body)):
            body = redactor.body(body)
            value, text = _value(body), counted(body, rules)
    return _key(_opening(method, url, not content, rules.exact), text, value, rules)


def _value(body: Body | None) -> Json:
    """The value of a body; none where it is no JSON."""
    return body.value if isinstance(body, JsonBody) else None


def _key(opening: Any, text: str, value: Json, rules: MatchRules) -> str:
    """The key of what counts of a body, as text, and as the value from which that was made."""
    numbered = renumbered(text)
    if numbered is not text and value is not None:  # people are in it, maybe as names of fields
        with suppress(RecursionError):  # too deep; the text counts as it is
            numbered = renumbered(canonical_json(names_in_order(rules.applied(value))))
    digest = opening.copy()
    digest.update(numbered.encode(errors="surrogatepass"))
    return str(digest.hexdigest())


@lru_cache(maxsize=256)
def _opening(method: str, url: str, bare: bool, exact: bool) -> Any:  # noqa: FBT001 - positional for lru_cache's speed
    """A hash that has seen method and path, to be copied."""
    parts = urlsplit(url)
    path = parts.path if exact else unquote(parts.path)
    target = quote(path or "/", safe=_LEGAL, errors="surrogatepass")
    if bare:
        target += f"?{counted_query(parts.query)}"
    opening = f"{method.upper()} {target}\n".encode(errors="surrogatepass")
    return hashlib.blake2b(opening, digest_size=8)


def counted_query(query: str) -> str:
    """What counts of the query of a request that has no body."""
    pairs = (
        pair
        for pair in parse_qsl(query, keep_blank_values=True)
        if pair[0] not in _NOISE and not is_secret_parameter(pair[0])
    )
    return "&".join("=".join(pair) for pair in sorted(pairs))
