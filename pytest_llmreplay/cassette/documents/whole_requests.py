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


class Telling(Protocol):
    """A document that tells a request."""

    @property
    def number(self) -> int:
        """Number of its event."""
        ...

    @property
    def text(self) -> str:
        """The document as it stands in the file."""
        ...

    @property
    def told_request(self) -> HttpRequest | Abridged:
        """The request as the document tells it."""
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
        find: Callable[[int], Telling | None],
        names: Callable[[], Names] = dict,
        whole: WholeRequests | None = None,
    ) -> None:
        self.numbered = find
        self.names = names
        self._whole: WholeRequests = {} if whole is None else whole

    def of(self, document: Telling) -> HttpRequest:
        """The whole request of a document; without recursion, however long the chain is."""
        chain: list[tuple[Telling, Abridged]] = []
        while document.number not in self._whole:
            told = document.told_request
            if isinstance(told, HttpRequest):
                if not chain:
                    return told
                self._whole[document.number] = (told, 0, len(document.text))
            else:
                chain.append((document, told))
                document = self._earlier(document, told)
        for later, told in reversed(chain):
            self._whole[later.number] = self._put_together(later, told)
        return self._whole[(chain[0][0] if chain else document).number][0]

    def _earlier(self, document: Telling, told: Abridged) -> Telling:
        earlier = self.numbered(told.like) if 0 < told.like < document.number else None
        if earlier is None:
            problem = f"expected the number of an earlier event of this cassette, found {told.like}"
            raise document.sections.damaged(WrongField(("request", "like"), problem))
        return earlier

    def _put_together(self, document: Telling, told: Abridged) -> tuple[HttpRequest, int, int]:
        earlier, links, length = self._whole[told.like]
        links, length = links + 1, length + len(document.text)
        try:
            _refuse_excess(links, length)
            return resolve(told, earlier), links, length
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
