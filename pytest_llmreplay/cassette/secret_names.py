"""Secrets known by the name of the field, header or query parameter that holds them.

Only whole names count, so `max_tokens`, `prompt_tokens` or a logprob's `token` are none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from urllib.parse import unquote_plus, urlsplit

from pytest_llmreplay.event import FIRST_ERROR

from .folded import folded
from .secret_shapes import MARK
from .spans import Span

__all__ = [
    "KEPT_OF_ERRORS",
    "PLACES",
    "REDACTED",
    "REQUEST_IDS",
    "UPLOAD_URL",
    "is_secret_name",
    "is_secret_parameter",
    "kept_request_headers",
    "kept_request_names",
    "kept_response_headers",
    "might_name_secret",
    "place_of_upload",
    "place_on_host",
    "redacted_query",
    "request_id_of",
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
_PROPERTY = "helicone-property-"
_KEPT_OF_ALL = (
    "content-type",
    "x-amzn-bedrock-cache-read-input-token-count",
    "x-amzn-bedrock-cache-write-input-token-count",
    "x-amzn-bedrock-content-type",
    "x-amzn-bedrock-input-token-count",
    "x-amzn-bedrock-output-token-count",
    "x-goog-upload-status",
)
KEPT_OF_ERRORS = (
    *_KEPT_OF_ALL,
    "retry-after",
    "retry-after-ms",
    "x-amzn-errortype",
    "x-should-retry",
)
"""Headers of an answer that a client acts on or that alone tell its tokens; those of
`_KEPT_OF_ALL` also where it is no error."""
UPLOAD_URL = "x-goog-upload-url"
"""Header of an answer that says where the pieces of a file go:
https://ai.google.dev/gemini-api/docs/files#rest"""
PLACES = ("location", UPLOAD_URL)
"""Headers of an answer that are addresses, of which no more is kept than a place on the host."""
_NAMES_A_PLACE = frozenset({201, 307, 308})
"""Statuses that tell where something was made, or where a client sends the same request to."""
REQUEST_IDS = ("request-id", "x-request-id", "apim-request-id", "x-amzn-requestid")
"""Headers of an answer that hold the provider's own name of a call."""


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
    """The headers of a request that say something about the call, their names in lower case."""
    lower = {name.lower(): value for name, value in headers.items()}
    return {name: lower[name] for name in kept_request_names(lower)}


def kept_request_names(names: Collection[str]) -> list[str]:
    """Those of the names, all in lower case, that say something about the call."""
    if _PROPERTY not in " ".join(names):
        kept = _REQUEST_HEADERS.intersection(names)
        return list(kept) if len(kept) == 1 else [name for name in names if name in kept]
    return [name for name in names if name in _REQUEST_HEADERS or name.startswith(_PROPERTY)]


def kept_response_headers(headers: Mapping[str, str], status: int) -> dict[str, str]:
    """The headers of an answer that a client acts on."""
    kept = KEPT_OF_ERRORS if status >= FIRST_ERROR else _KEPT_OF_ALL
    lower = {name.lower(): value for name, value in headers.items()}
    known = {name: value for name, value in lower.items() if name in kept}
    if status in _NAMES_A_PLACE and (place := place_on_host(lower.get("location", ""))):
        known["location"] = place
    if UPLOAD_URL in lower:
        known[UPLOAD_URL] = place_of_upload(lower[UPLOAD_URL])
    return known


def place_on_host(location: str) -> str:
    """The path that an answer names, without its host: who follows a redirect stays where he was.

    So a played redirect leads to the recorded answer behind it, and a host that a cassette names
    never receives a request. Nothing where it names none.
    """
    try:
        path = urlsplit(location).path
    except ValueError:
        return ""
    return "/" + path.lstrip("/\\") if path[:1] in {"/", "\\"} else path


def place_of_upload(url: str) -> str:
    """The same of where the pieces of a file go, with the query but for its secrets."""
    place, query = place_on_host(url), url.partition("?")[2]
    return f"{place}?{redacted_query(query)}" if query else place


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """The provider's own name of a call, for `Measured.request_id`."""
    lower = {name.lower(): value for name, value in headers.items()}
    return next((lower[name] for name in REQUEST_IDS if name in lower), None)
