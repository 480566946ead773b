"""Versions of APIs: they do not count when a call is matched, yet another one is worth a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.cassette.documents.document import EventDocument

__all__ = ["ApiVersions", "OtherVersion"]

_HEADER = "anthropic-version"
_PARAMETER = "api-version"
"""Azure has it in the URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherVersion:
    """A call was played that was recorded under another version of its API."""

    name: str
    """Of the header or the parameter."""
    recorded: str
    sent: str


class ApiVersions:
    """Compares the first call of each URL with the recording that answers it."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self.others: list[OtherVersion] = []

    def note(self, request: RawRequest, recorded: Callable[[], EventDocument]) -> None:
        """Look at the version of a call that is played.

        Args:
            request: The call.
            recorded: Gives what is played; asked at the first call alone, as reading it takes
                time. Where a log did not tell the request, nobody knows its version.
        """
        if request.url in self._seen:
            return
        self._seen.add(request.url)
        sent = dict(_versions(request.url, request.headers))
        document = recorded() if sent else None
        if document is not None and document.head.origin != "reconstructed":
            stored = document.request
            self.others += _differing(dict(_versions(stored.url, stored.headers)), sent)


def _differing(recorded: Mapping[str, str], sent: Mapping[str, str]) -> Iterator[OtherVersion]:
    for name in recorded.keys() & sent.keys():
        if recorded[name] != sent[name]:
            yield OtherVersion(name=name, recorded=recorded[name], sent=sent[name])


def _versions(url: str, headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if _HEADER in headers:
        yield _HEADER, headers[_HEADER]
    if _PARAMETER in url:
        yield from (one for one in parse_qsl(urlsplit(url).query) if one[0] == _PARAMETER)
