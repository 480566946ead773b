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
    """Compares calls with the recordings that answer them."""

    def __init__(self) -> None:
        self.others: list[OtherVersion] = []
        """Each once."""

    def note(self, request: RawRequest, recorded: Callable[[], EventDocument]) -> None:
        """Look at the version of a call that is played.

        Args:
            request: The call.
            recorded: Gives what is played; read only where its text shows a version that is
                news, as reading it takes time. Where a log did not tell the request, nobody
                knows its version.
        """
        sent = dict(_versions(request.url, request.headers))
        if not sent:
            return
        document = recorded()
        news = any(self._is_news(document.text, *version) for version in sent.items())
        if news and document.head.origin != "reconstructed":
            stored = document.request
            found = _differing(dict(_versions(stored.url, stored.headers)), sent)
            self.others += (other for other in found if other not in self.others)

    def _is_news(self, text: str, name: str, sent: str) -> bool:
        """Whether a recording shows neither the version that was sent nor one noted as another."""
        told = (one.recorded for one in self.others if (one.name, one.sent) == (name, sent))
        return name in text and not any(_shows(text, name, version) for version in (sent, *told))


def _shows(text: str, name: str, version: str) -> bool:
    """Whether a version stands in a recording, as a header or in the URL."""
    return f"{name}: '{version}'" in text or f"{name}={version}" in text


def _differing(recorded: Mapping[str, str], sent: Mapping[str, str]) -> Iterator[OtherVersion]:
    for name in recorded.keys() & sent.keys():
        if recorded[name] != sent[name]:
            yield OtherVersion(name=name, recorded=recorded[name], sent=sent[name])


def _versions(url: str, headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if _HEADER in headers:
        yield _HEADER, headers[_HEADER]
    if _PARAMETER in url:
        yield from (one for one in parse_qsl(urlsplit(url).query) if one[0] == _PARAMETER)
