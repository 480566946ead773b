"""The headers that are kept: those that say something about a call, or that a client acts on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from pytest_llmreplay.event import FIRST_ERROR

from .secret_names import redacted_query

__all__ = [
    "KEPT_OF_ERRORS",
    "PLACES",
    "REQUEST_IDS",
    "UPLOAD_URL",
    "kept_request_headers",
    "kept_request_names",
    "kept_response_headers",
    "place_of_upload",
    "place_on_host",
    "request_id_of",
]

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


def kept_request_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a request that say something about the call, their names in lower case."""
    lower = {name.lower(): value for name, value in headers.items()}
    return {name: lower[name] for name in kept_request_names(lower)}


def kept_request_names(names: Collection[str]) -> list[str]:
    """The names of request headers, all in lower case, that say something about the call."""
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
    """The path, without its host, to upload the pieces of a file to; its query without secrets."""
    place, query = place_on_host(url), url.partition("?")[2]
    return f"{place}?{redacted_query(query)}" if query else place


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """The provider's own name of a call, for `Measured.request_id`."""
    lower = {name.lower(): value for name, value in headers.items()}
    return next((lower[name] for name in REQUEST_IDS if name in lower), None)
