"""From a call that is not in its cassette to the text that says so."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypedDict

from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.side_files.files import folder_of
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.playback.live.live_event import request_of
from pytest_llmreplay.playback.misses.differences import Difference
from pytest_llmreplay.playback.misses.frames import UserFrame
from pytest_llmreplay.playback.misses.miss import Candidate, Miss, explain
from pytest_llmreplay.playback.misses.miss import Nearest as NearestEvent
from pytest_llmreplay.playback.misses.renamed import earlier_cassette, earlier_folder
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.providers.registry import identify

from .miss_text import miss_text
from .miss_view import Changed, MissView, Nearest

__all__ = ["MissTexts"]

_PRICED = 200  # events; pricing more would hold up the failure


class _Missing(TypedDict):
    missing: int
    cost: float | None


class _Earlier(TypedDict):
    earlier: str | None
    moves: tuple[str, ...]


class MissTexts:
    """Explains calls that are not in their cassette.

    Args:
        here: Where the command was started.
        width: Columns of the terminal.
        served: Whether the shell serves the cassette, and no test has it.
    """

    def __init__(self, here: Path, width: int, *, served: bool = False) -> None:
        self._here, self._width, self._served = here, width, served

    def __call__(self, cassette: OpenCassette, raw: RawRequest, number: int) -> str:
        """The text for the call that is the `number`-th of its test."""
        request, body = request_of(raw, cassette.redactor)
        model = identify(raw.method, raw.url, raw.headers, body).model
        miss = explain(request, list(_candidates(cassette)), call=number, rules=cassette.rules)
        return miss_text(self._view(miss, model, cassette), self._width)

    def _view(self, miss: Miss, model: str | None, cassette: OpenCassette) -> MissView:
        return MissView(
            number=miss.call,
            method=miss.method,
            path=miss.path,
            model=model,
            cassette=cassette.place.shown,
            frame=self._frame(miss.frame) if miss.frame else None,
            nearest=_nearest(miss, miss.nearest, cassette) if miss.nearest else None,
            changed=tuple(_changed(one) for one in miss.differences),
            more=miss.more,
            equal=", ".join(miss.equal),
            ignore=miss.ignore,
            idle=miss.idle,
            record=cassette.place.record,
            served=self._served,
            **_price_of_recording(miss, cassette),
            **self._earlier(cassette),
        )

    def _earlier(self, cassette: OpenCassette) -> _Earlier:
        """What the test may have had under another name, and how to take it over."""
        new = cassette.place.path
        if (old := earlier_cassette(cassette)) is not None:
            pairs = [(old, new), (folder_of(old), folder_of(new))]
            moves = [self._command("git", "mv", *pair) for pair in pairs if pair[0].exists()]
            return {"earlier": old.name, "moves": tuple(moves)}
        if (folder := earlier_folder(cassette)) is not None:
            above = new.parent.parent
            made = [] if above.exists() else [self._command("mkdir", "-p", above)]
            moved = self._command("git", "mv", folder, new.parent)
            return {"earlier": f"{self._typed(folder)}/", "moves": (*made, moved)}
        return {"earlier": None, "moves": ()}

    def _command(self, *words: str | Path) -> str:
        typed = (self._typed(word) if isinstance(word, Path) else word for word in words)
        return shlex.join(typed)

    def _typed(self, path: Path) -> str:
        if path.is_relative_to(self._here):  # relpath asks the disk, which an event loop may forbid
            return str(path.relative_to(self._here))
        return os.path.relpath(path, self._here)

    def _frame(self, frame: UserFrame) -> str:
        file = self._typed(Path(frame.file))
        return f"{file}:{frame.line}  in {frame.function}"


def _candidates(cassette: OpenCassette) -> Iterator[Candidate]:
    if cassette.cassette is None:
        return
    played = cassette.source.finder.played_numbers()
    for document in cassette.cassette.documents:
        yield Candidate(
            number=document.number,
            name=document.head.name,
            played=document.number in played,
            request=lambda document=document: document.request,  # type: ignore[misc]  # a default binds it
        )


def _price_of_recording(miss: Miss, cassette: OpenCassette) -> _Missing:
    """What was not played is not what the code asks now, so it is taken to be asked anew.

    A call that is like nothing recorded, or like what was played already, is one call at a price
    that nobody knows yet.
    """
    if cassette.cassette is None or miss.nearest is None or miss.nearest.played:
        return {"missing": 1, "cost": None}
    played = cassette.source.finder.played_numbers()
    left = [one for one in cassette.cassette.documents if one.number not in played]
    return {"missing": len(left), "cost": _cost(left)}


def _cost(documents: Sequence[EventDocument]) -> float | None:
    from pytest_llmreplay.compare.figures.prices import cost  # noqa: PLC0415  # its price list is large

    if len(documents) > _PRICED:
        return None
    try:
        costs = [cost(document.event) for document in documents]
    except LlmReplayError:
        return None  # a damaged event is told where it is read for its own sake
    known = [one for one in costs if one is not None]
    return sum(known) if len(known) == len(costs) else None


def _nearest(miss: Miss, near: NearestEvent, cassette: OpenCassette) -> Nearest:
    place = near.path if near.path != miss.path else None
    if near.method != miss.method:
        place = f"{near.method} {near.path}"
    documents = cassette.cassette.documents if cassette.cassette else ()
    return Nearest(
        number=near.number,
        events=miss.total,
        name=near.name,
        played=near.played,
        path=place,
        imported=any(one.head.origin for one in documents if one.number == near.number),
    )


def _changed(difference: Difference) -> Changed:
    return Changed(
        path=f"body.{difference.path}" if difference.path else "body",
        recorded=difference.recorded,
        now=difference.now,
        line=difference.line,
    )
