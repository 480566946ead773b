"""The recordings that the calls of a stored run belong to, as the cassettes are now.

A run file is data: it may name any path, and only cassettes below the root directory are opened.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Literal

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.labels import labels
from pytest_llmreplay.cassette.places.naming import inside
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.baselines.baseline import accepted_baseline
from pytest_llmreplay.replay.baselines.identities import Identities
from pytest_llmreplay.replay.calls.call import Call, Identity
from pytest_llmreplay.replay.calls.decode import replayed_event
from pytest_llmreplay.replay.calls.result import CallFailed

from .stored import StoredCall, StoredRun

__all__ = ["Recordings", "answer_of"]

_SUFFIXES = frozenset((".yaml", ".yml"))


class Recordings:
    """Finds the recording of a call by key and occurrence, never by its number.

    Args:
        root: What names of cassettes begin at, and what they must not lead out of.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._identities = Identities(root)
        self._cassettes: dict[str, tuple[Cassette, dict[Identity, int]]] = {}

    def path(self, call: Call) -> Path:
        """Where the cassette of a call is.

        Raises:
            CassetteError: Its name is none of a cassette below the root, or there is none.
        """
        name = call.identity.cassette
        pure = PurePosixPath(name)
        inner = not pure.is_absolute() and ".." not in pure.parts
        if not (inner and pure.suffix in _SUFFIXES and name.isprintable()):
            raise CassetteError(f"{name!r} is no path of a cassette below {self._root}")
        path = self._root / pure
        try:
            if inside(self._root, path).is_file():
                return path
        except OSError as error:  # as of a name that is too long
            raise CassetteError(f"{name}: cannot be read: {error.strerror}") from None
        raise CassetteError(f"{name}: there is no such cassette")

    def document(self, call: Call) -> EventDocument:
        """The recorded event that a call was made of.

        Raises:
            CassetteError: The cassette cannot be read, or holds no such request any more.
        """
        return self.cassette(call).document(self.place(call))

    def cassette(self, call: Call) -> Cassette:
        """The cassette of a call.

        Raises:
            CassetteError: It cannot be read.
        """
        return self._opened(call)[0]

    def place(self, call: Call) -> int:
        """The place of its recording there, counted from 0; raises as `document` does."""
        place = self._opened(call)[1].get(call.identity)
        if place is None:
            raise CassetteError("its request was recorded anew since, or is not recorded any more")
        return place

    def baseline(self, call: Call) -> tuple[Event, Literal["recorded", "accepted"]]:
        """What the answer of a call is compared with, and which answer that is.

        Raises:
            CassetteError: As `document` does.
        """
        document = self.document(call)
        accepted = accepted_baseline(self._opened(call)[0], document, call.target)
        return (document.event, "recorded") if accepted is None else (accepted, "accepted")

    def _opened(self, call: Call) -> tuple[Cassette, dict[Identity, int]]:
        name = call.identity.cassette
        if name not in self._cassettes:
            cassette = Cassette.load(self.path(call))
            places = {
                self._identities.of(cassette, place, label): place
                for place, label in enumerate(labels(cassette))
            }
            self._cassettes[name] = cassette, places
        return self._cassettes[name]


def answer_of(run: StoredRun, stored: StoredCall, recorded: Event) -> Event:
    """What a target answered to a recorded event.

    Raises:
        CallFailed: It gave no answer.
        CassetteError: The line of the call cannot be read any more.
    """
    outcome = run.outcome(stored)
    if outcome is None:
        raise CassetteError(f"line {stored.line} of {run.path} is not what it was")
    if isinstance(outcome, CallFailed):
        raise outcome
    return replayed_event(recorded, outcome, target=stored.call.target)
