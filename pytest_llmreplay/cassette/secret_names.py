"""Secrets known by the name of the field, header or query parameter that holds them.

Only whole names count, so `max_tokens`, `prompt_tokens` or a logprob's `token` are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import unquote_plus

from .secret_shapes import MARK
from .spans import Span

__all__ = [
    "REDACTED",
    "is_secret_name",
    "is_secret_parameter",
    "kept_request_headers",
    "kept_response_headers",
    "might_name_secret",
    "redacted_query",
    "request_id_of",
    "secrets_by_name",
]

REDACTED = f"{MARK}]"

_NAMES = (
    "access key",
    "access token",
    "api key",
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
    "id token",
    "passphrase",
    "passwd",
    "password",
    "private key",
    "proxy authorization",
    "refresh token",
    "secret",
    "secret access key",
    "secret key",
    "session token",
    "set cookie",
    "signing key",
    "signing secret",
    "webhook secret",
    "x api key",
    "x goog api key",
)
_FOLDED = frozenset(name.replace(" ", "") for name in _NAMES)
_IN_QUOTES = frozenset(name + "\\" * depth for name in _FOLDED for depth in (0, 1, 3))
"""As they stand before a closing quote: in JSON, in JSON in a text, in JSON in such a text."""
_DEEPER = "\\" * 7

_PARAMETERS = frozenset({"accesstoken", "apikey", "key", "sig", "signature", "token"}) | _FOLDED

_IN_TEXT = re.compile(
    r"([\"'])(?i:"
    + "|".join(name.replace(" ", "[-_]?") for name in _NAMES)
    + r")(\\*)\1\s{0,8}+:\s{0,8}+\2\1(?P<secret>(?:(?!(?<!\\)\2\1).){1,4096})",
    re.DOTALL,
)

_REQUEST_HEADERS = frozenset(
    {
        "anthropic-beta",
        "anthropic-version",
        "content-type",
        "helicone-prompt-id",
        "helicone-session-id",
        "helicone-session-name",
        "helicone-session-path",
        "openai-beta",
    }
)
_ERROR_HEADERS = frozenset({"content-type", "retry-after", "retry-after-ms", "x-should-retry"})
_REQUEST_IDS = ("request-id", "x-request-id", "apim-request-id", "x-amzn-requestid")


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


def might_name_secret(text: str) -> bool:
    """Whether a text could hold a secret by name; cheap, and never wrong when it says no."""
    folded = _fold(text)
    if "'" in folded:
        folded = folded.replace("'", '"')
    pieces = folded.split('"')
    if _DEEPER in folded:
        pieces = [piece.rstrip("\\") for piece in pieces]
    return not _IN_QUOTES.isdisjoint(pieces)


def secrets_by_name(text: str) -> Iterator[Span]:
    r"""Values of secret fields in JSON that stands in a text, however often it is escaped."""
    if not might_name_secret(text):
        return
    for match in _IN_TEXT.finditer(text):
        if not match["secret"].startswith(MARK):
            yield Span(
                start=match.start("secret"),
                end=match.end("secret"),
                kind="secret field",
                replacement=REDACTED,
            )


def redacted_query(query: str) -> str:
    """A query string, or a form, with the values of secret parameters redacted."""
    return "&".join(_parameter(piece) for piece in query.split("&"))


def _parameter(piece: str) -> str:
    name, equals, value = piece.partition("=")
    return f"{name}={REDACTED}" if equals and value and is_secret_parameter(name) else piece


def kept_request_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a request that say something about the call."""
    lower = {name.lower(): value for name, value in headers.items()}
    return {name: value for name, value in lower.items() if _says_something(name)}


def _says_something(name: str) -> bool:
    return name in _REQUEST_HEADERS or name.startswith("helicone-property-")


def kept_response_headers(headers: Mapping[str, str], status: int) -> dict[str, str]:
    """The headers of an answer that a client acts on."""
    first_error = 400
    kept = _ERROR_HEADERS if status >= first_error else {"content-type"}
    lower = {name.lower(): value for name, value in headers.items()}
    return {name: value for name, value in lower.items() if name in kept}


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """The provider's own name of a call, for `Measured.request_id`."""
    lower = {name.lower(): value for name, value in headers.items()}
    return next((lower[name] for name in _REQUEST_IDS if name in lower), None)
