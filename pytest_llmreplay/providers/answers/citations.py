"""Citations of pages in an answer: what Anthropic and OpenAI say of them alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pytest_llmreplay.event import Json, Part, TextPart
from pytest_llmreplay.providers.fields import Fields, as_int, as_text

__all__ = ["Citation", "citations_of", "cited", "read_cited_text"]

_KIND = "url_citation"


def read_cited_text(fields: Fields, citations: str) -> Part | None:
    """Words of a `text`, with what is cited under a key."""
    text = fields.any_text("text")
    if text is None:
        return None
    del fields.rest["type"]
    return TextPart(content=text, annotations=tuple(fields.items(citations)), extra=fields.rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A page, and the words that rest on it."""

    url: str
    title: str
    start: int
    """Where the words begin in their text, in characters."""
    end: int

    @property
    def flat(self) -> Json:
        """The citation as responses write it.

        https://platform.openai.com/docs/guides/tools-web-search#output-and-citations
        """
        return {"type": _KIND, **self._told()}

    @property
    def nested(self) -> Json:
        """The citation as chat completions write it."""
        return {"type": _KIND, _KIND: self._told()}

    def moved(self, by: int) -> Citation:
        """The citation in a text that begins so many characters before."""
        return replace(self, start=self.start + by, end=self.end + by)

    def _told(self) -> dict[str, Json]:
        place: dict[str, Json] = {"start_index": self.start, "end_index": self.end}
        return {"url": self.url, "title": self.title, **place}


def citations_of(part: TextPart) -> tuple[Citation, ...]:
    """The citations of pages that some words have; those of files and documents are no such."""
    found = (_read(raw, len(part.content)) for raw in part.annotations)
    return tuple(citation for citation in found if citation is not None)


def cited(parts: Iterable[Part]) -> tuple[Citation, ...]:
    """The citations of several parts, as if their words were one text."""
    found: list[Citation] = []
    start = 0
    for part in parts:
        if isinstance(part, TextPart):
            found += (citation.moved(start) for citation in citations_of(part))
            start += len(part.content)
    return tuple(found)


def _read(raw: Json, length: int) -> Citation | None:
    if not isinstance(raw, dict):
        return None
    inner = raw.get(_KIND)
    described = inner if isinstance(inner, dict) else raw
    url = as_text(described.get("url"))
    start, end = as_int(described.get("start_index")), as_int(described.get("end_index"))
    if raw.get("type") == "web_search_result_location":
        start, end = 0, length  # Anthropic's blocks end where a citation does
    if url is None or start is None or end is None:
        return None
    return Citation(url=url, title=as_text(described.get("title")) or "", start=start, end=end)
