"""Requests of a cassette, whole: those told by earlier ones are put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pytest_llmreplay.cassette.short_names.ids import Names
from pytest_llmreplay.cassette.yaml_text.fields import WrongField
from pytest_llmreplay.cassette.yaml_text.scan import MAX_LENGTH
from pytest_llmreplay.event import HttpRequest

from .like import LONGEST_CHAIN, Abridged, resolve
from .sections import Sections

__all__ = ["Requests", "WholeRequests"]


class RequestDocument(Protocol):
    """A document that holds a request, whole or by what it has in common with an earlier one."""

    @property
    def number(self) -> int:
        """Number of its event."""
        ...

    @property
    def text(self) -> str:
        """The document as it stands in the file."""
        ...

    @property
    def written_request(self) -> HttpRequest | Abridged:
        """The request as it is written there."""
        ...

    @property
    def sections(self) -> Sections:
        """Knows where the document stands, for what is wrong with it."""
        ...


WholeRequests = dict[int, tuple[HttpRequest, int, int]]
"""Number of an event → its request, how many documents tell it, and their length."""


class Requests:
    """The requests of one cassette, whole, with those told by earlier ones put together.

    Args:
        find: The document of the event with a number, if the cassette holds it.
        names: What the short names in the cassette stand for.
        whole: Where the requests that were put together are kept; shared by all of a cassette.
    """

    def __init__(
        self,
        find: Callable[[int], RequestDocument | None],
        names: Callable[[], Names] = dict,
        whole: WholeRequests | None = None,
    ) -> None:
        self.numbered = find
        self.names = names
        self._whole: WholeRequests = {} if whole is None else whole

    def of(self, document: RequestDocument) -> HttpRequest:
        """The whole request of a document; without recursion, however long the chain is."""
        chain: list[tuple[RequestDocument, Abridged]] = []
        while document.number not in self._whole:
            written = document.written_request
            if isinstance(written, HttpRequest):
                if not chain:
                    return written
                self._whole[document.number] = (written, 0, len(document.text))
            else:
                chain.append((document, written))
                document = self._earlier(document, written)
        for later, written in reversed(chain):
            self._whole[later.number] = self._put_together(later, written)
        return self._whole[(chain[0][0] if chain else document).number][0]

    def _earlier(self, document: RequestDocument, written: Abridged) -> RequestDocument:
        earlier = self.numbered(written.like) if 0 < written.like < document.number else None
        if earlier is None:
            problem = (
                f"expected the number of an earlier event of this cassette, found {written.like}"
            )
            raise document.sections.damaged(WrongField(("request", "like"), problem))
        return earlier

    def _put_together(
        self, document: RequestDocument, written: Abridged
    ) -> tuple[HttpRequest, int, int]:
        earlier, links, length = self._whole[written.like]
        links, length = links + 1, length + len(document.text)
        try:
            _refuse_excess(links, length)
            return resolve(written, earlier), links, length
        except WrongField as wrong:
            raise document.sections.damaged(wrong) from None


def _refuse_excess(links: int, length: int) -> None:
    path = ("request", "like")
    if links > LONGEST_CHAIN:
        raise WrongField(
            path, f"the request is told by a chain of more than {LONGEST_CHAIN} events"
        )
    if length > MAX_LENGTH:
        raise WrongField(path, "the whole request is larger than 64 MiB")
