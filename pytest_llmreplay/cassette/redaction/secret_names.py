"""Secrets known by the name of the field, header or query parameter that holds them.

Only whole names count, so `max_tokens`, `prompt_tokens` or a logprob's `token` are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote_plus

from .cheap_look import folded
from .secret_table import MARK
from .spans import Span

__all__ = [
    "REDACTED",
    "is_secret_name",
    "is_secret_parameter",
    "might_name_secret",
    "redacted_query",
    "secrets_by_name",
]

REDACTED = f"{MARK}]"

_NAMES = (
    "access key",
    "access token",
    "api key",
    "api key string",
    "api secret",
    "api token",
    "auth token",
    "authorization",
    "authorization token",
    "aws secret access key",
    "aws session token",
    "bearer token",
    "client secret",
    "cookie",
    "csrf token",
    "external api token",
    "id token",
    "new signing secret",
    "passphrase",
    "passwd",
    "password",
    "private key",
    "proxy authorization",
    "refresh token",
    "secret",
    "secret access key",
    "secret key",
    "secret value",
    "session token",
    "set cookie",
    "signing key",
    "signing secret",
    "tunnel token",
    "webhook secret",
    "x api key",
    "x goog api key",
)
_FOLDED = frozenset(name.replace(" ", "") for name in _NAMES)
_IN_QUOTES = frozenset(name.encode() for name in _FOLDED)

# Whoever knows the `upload_id` of Google's resumable uploads may write to the file.
_PARAMETERS = (
    frozenset({"accesstoken", "apikey", "key", "sig", "signature", "token", "uploadid"}) | _FOLDED
)

_IN_TEXT = re.compile(
    r"([\"'])(?P<name>(?i:"
    + "|".join(name.replace(" ", "[-_]?") for name in _NAMES)
    + r"))(?P<escape>\\*)\1\s{0,8}+:\s{0,8}+(?P=escape)\1"
    r"(?P<secret>(?:(?!(?<!\\)(?P=escape)\1).){1,4096})",
    re.DOTALL,
)


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret; case, `-` and `_` do not matter."""
    return _fold(name) in _FOLDED


def _fold(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def is_secret_parameter(name: str) -> bool:
    """Whether a query parameter of this name holds a secret."""
    name = unquote_plus(name)
    return _fold(name) in _PARAMETERS or name.lower().startswith("x-amz-")


def might_name_secret(text: bytes) -> bool:
    """Whether a text, folded, could hold a secret by name; a no is always right."""
    return not _IN_QUOTES.isdisjoint(text.split(b'"'))


def secrets_by_name(text: str) -> Iterator[Span]:
    r"""Values of secret fields in JSON that stands in a text, however often it is escaped."""
    if not might_name_secret(folded(text.encode(errors="surrogatepass"))):
        return
    for match in _IN_TEXT.finditer(text):
        if not match["secret"].startswith(MARK):
            yield Span(
                start=match.start("secret"),
                end=match.end("secret"),
                kind=match["name"],
                replacement=REDACTED,
            )


def redacted_query(query: str) -> str:
    """A query string, or a form, with the values of secret parameters redacted."""
    return "&".join(_parameter(piece) for piece in query.split("&"))


def _parameter(piece: str) -> str:
    name, equals, value = piece.partition("=")
    return f"{name}={REDACTED}" if equals and value and is_secret_parameter(name) else piece
