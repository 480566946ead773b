"""Answers of a stored run become the recordings that the tests play."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.redaction import Redactor
from pytest_llmreplay.errors import CassetteError, LlmReplayError
from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.accept import promote_answers
from pytest_llmreplay.replay.baseline import join_key
from pytest_llmreplay.replay.calls import Identity
from pytest_llmreplay.replay.promoting import promoted, quoted_by

from .accepting import AcceptedFile, Refused, check_target
from .choosing import node_id
from .recordings import Recordings, answer_of
from .stored import StoredCall, StoredRun

__all__ = ["promote_run"]


class _Chosen:
    """What is to be promoted in one cassette, by the number of the event."""

    def __init__(self) -> None:
        self.calls: dict[int, StoredCall] = {}
        self.events: dict[int, tuple[str, Event]] = {}
        """The key of the request that is there now, and what takes its place."""

    def refuse(self, number: int, reason: str) -> Refused:
        del self.events[number]
        return Refused(node_id=node_id(self.calls[number].call), reason=reason)


def promote_run(
    run: StoredRun, calls: Sequence[StoredCall], *, root: Path, redactor: Redactor
) -> Iterator[AcceptedFile | Refused]:
    """Put requests as sent, and the answers to them, in the place of the recordings.

    Args:
        run: Where the answers are.
        calls: Those to promote, of one target.
        root: What names of cassettes begin at; nothing is written outside.
        redactor: Cleans what is written, and refuses what holds a secret.
    """
    recordings = Recordings(root)
    found: dict[Path, _Chosen] = {}
    further = _further(run)
    for stored in calls:
        try:
            rounds = further[stored.call.identity, stored.call.target]
            _choose(run, stored, recordings, found, further=rounds)
        except LlmReplayError as error:
            yield Refused(node_id=node_id(stored.call), reason=str(error))
    for path, chosen in found.items():
        yield from _unfit(run, path, chosen)
        if chosen.events:
            yield from _written(path, chosen, root=root, redactor=redactor)


def _choose(
    run: StoredRun,
    stored: StoredCall,
    recordings: Recordings,
    found: dict[Path, _Chosen],
    *,
    further: int,
) -> None:
    check_target(run, stored.call.target)
    kinds = {target.name: target.kind for target in run.header.targets}
    if kinds[stored.call.target] == "simulated":
        raise CassetteError("a simulated model gave it; its answers are nobody's")
    path = recordings.path(stored.call)
    document = recordings.document(stored.call)
    chosen = found.setdefault(path, _Chosen())
    if (other := chosen.calls.get(document.number)) is not None:
        raise CassetteError(
            f"{other.call.target} answered it as well: choose one target, as -k {other.call.target}"
        )
    if further:
        raise CassetteError(
            f"its target went on with {further} further call{'' if further == 1 else 's'}, for "
            "which there is no event: record the tests with it"
        )
    recorded = document.event
    event = promoted(recorded, answer_of(run, stored, recorded))
    chosen.calls[document.number] = stored
    chosen.events[document.number] = join_key(recorded), event


def _further(run: StoredRun) -> Counter[tuple[Identity, str]]:
    """How many calls beside its own each event took of each target."""
    calls = (one.call for one in run.calls)
    return Counter((call.identity, call.target) for call in calls if call.purpose == "round")


def _unfit(run: StoredRun, path: Path, chosen: _Chosen) -> Iterator[Refused]:
    """Events that quote each other go together, and only as the target said it."""
    free = run.header.selection.get("history") == "replayed"
    quotes = list(_quotes(Cassette.load(path)))
    for number, quoted in quotes:
        if number in chosen.events and not free:
            reason = (
                f"its request quotes event {quoted}, and was sent with the recorded history: "
                "promote a run with --llm-history replayed"
            )
            yield chosen.refuse(number, reason)
    refused = True
    while refused:
        refused = False
        for number, quoted in quotes:
            alone = {number, quoted} & chosen.events.keys()
            if len(alone) == 1:
                refused, (one,) = True, alone
                other = quoted if one == number else number
                word = "quotes" if one == number else "is quoted by"
                yield chosen.refuse(one, f"it {word} event {other}, which is not promoted with it")


def _quotes(cassette: Cassette) -> Iterator[tuple[int, int]]:
    """Numbers of the events that quote another, each with the other's."""
    events = list(cassette.events)
    for place, event in enumerate(events):
        for quoted in quoted_by(events, place):
            yield event.number, quoted


def _written(
    path: Path, chosen: _Chosen, *, root: Path, redactor: Redactor
) -> Iterator[AcceptedFile | Refused]:
    try:
        stored = promote_answers(path, chosen.events, root=root, redactor=redactor)
    except LlmReplayError as error:
        for number in tuple(chosen.events):
            yield chosen.refuse(number, str(error))
        return
    for number in stored.outdated:
        yield chosen.refuse(number, "recorded anew meanwhile")
    yield AcceptedFile(path=path, answers=len(chosen.events), changed=stored.changed)
