"""Answers of a stored run become the recordings that the tests play."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.errors import CassetteError, ConfigError, LlmReplayError
from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.baselines.accept import promote_answers
from pytest_llmreplay.replay.baselines.baseline import join_key
from pytest_llmreplay.replay.calls.call import Identity
from pytest_llmreplay.replay.sessions.kept_conversations import told_whole
from pytest_llmreplay.replay.sessions.promoting import promoted, quoted_by
from pytest_llmreplay.replay.sessions.quotations import Quotations
from pytest_llmreplay.replay.sessions.tool_results import shown_call
from pytest_llmreplay.runs.choosing import node_id
from pytest_llmreplay.runs.recordings import Recordings, answer_of
from pytest_llmreplay.runs.stored import StoredCall, StoredRun

from .accepting import AcceptedFile, Refused, check_target
from .spared import spared

__all__ = ["promote_run"]

_RECORD_ANEW = "record the tests with it (--llm-record)"


class _Chosen:
    """What is to be promoted in one cassette, by the number of the event."""

    def __init__(self) -> None:
        self.calls: dict[int, StoredCall] = {}
        self.converted = ""
        """The API format of the answers, where it is another than that of the recordings."""
        self.events: dict[int, tuple[str, tuple[Event, ...]]] = {}
        """The key of the request that is there now, and what takes its place: the answer, and
        those of further calls; nothing where the target had no need of the request."""

    @property
    def answers(self) -> dict[int, tuple[Event, ...]]:
        """What the target answered to each event."""
        return {number: events for number, (_, events) in self.events.items()}

    def refuse(self, number: int, reason: str) -> Iterator[Refused]:
        """Leave an event as it is; one that was not asked goes without a word."""
        del self.events[number]
        if number in self.calls:
            yield Refused(node_id=node_id(self.calls[number].call), reason=reason)


def promote_run(
    run: StoredRun,
    calls: Sequence[StoredCall],
    *,
    root: Path,
    redactor: Callable[[Path], Redactor],
) -> Iterator[AcceptedFile | Refused]:
    """Put requests as sent, and the answers to them, in the place of the recordings.

    Args:
        run: Where the answers are.
        calls: Those to promote, of one target.
        root: What names of cassettes begin at; nothing is written outside.
        redactor: Makes what cleans the cassettes of a folder, and refuses secrets there.

    Raises:
        ConfigError: They are of several targets. Nothing is written.
    """
    _of_one_target(run, calls)
    recordings = Recordings(root)
    found: dict[Path, _Chosen] = {}
    further = _further(run)
    for stored in calls:
        try:
            rounds = further.get((stored.call.identity, stored.call.target), [])
            _choose(run, [stored, *rounds], recordings, found)
        except LlmReplayError as error:
            yield Refused(node_id=node_id(stored.call), reason=str(error))
    for path, chosen in found.items():
        cassette = Cassette.load(path)
        yield from _unfit(run, cassette, chosen)
        if chosen.events:
            left = _left(cassette, chosen)
            clean = redactor(path.parent)
            yield from _written(path, chosen, left=left, root=root, redactor=clean)


def _of_one_target(run: StoredRun, calls: Sequence[StoredCall]) -> None:
    """A recording has room for one answer, and a session for one model."""
    targets = sorted({stored.call.target for stored in calls})
    if len(targets) > 1:
        raise ConfigError(
            f"{run.header.id} has answers of {', '.join(targets)}: choose one target, as "
            f"-k '[{targets[0]}]'"
        )


def _choose(
    run: StoredRun, calls: Sequence[StoredCall], recordings: Recordings, found: dict[Path, _Chosen]
) -> None:
    """Take what a target answered to an event, first by its own call, then by further ones."""
    stored = calls[0]
    check_target(run, stored.call.target)
    kinds = {target.name: target.kind for target in run.header.targets}
    if kinds[stored.call.target] == "simulated":
        raise CassetteError("a simulated model gave it; its answers are nobody's")
    path = recordings.path(stored.call)
    document = recordings.document(stored.call)
    chosen = found.setdefault(path, _Chosen())
    recorded = document.event
    events = tuple(promoted(recorded, answer_of(run, one, recorded)) for one in calls)
    if events[-1].response.tool_calls and not recorded.response.tool_calls:
        raise CassetteError(
            f"its target went on to call {shown_call(events[-1].response.tool_calls[0])}, and the "
            f"run has no answer to what comes then: {_RECORD_ANEW}"
        )
    if told_whole(recorded, events[0]):
        raise CassetteError(
            f"its conversation, which its provider keeps, was sent in words: {_RECORD_ANEW}"
        )
    if events[0].api != recorded.api:
        chosen.converted = events[0].api
    chosen.calls[document.number] = stored
    chosen.events[document.number] = join_key(recorded), events


def _further(run: StoredRun) -> dict[tuple[Identity, str], list[StoredCall]]:
    """The calls beside its own that each event took of each target, in their order."""
    found: dict[tuple[Identity, str], list[StoredCall]] = {}
    for stored in sorted(run.calls, key=lambda one: one.call.sample):
        if stored.call.purpose == "round":
            found.setdefault((stored.call.identity, stored.call.target), []).append(stored)
    return found


def _unfit(run: StoredRun, cassette: Cassette, chosen: _Chosen) -> Iterator[Refused]:
    """Events that quote each other go together, and only as the target said it."""
    free = run.header.selection.get("history") == "replayed"
    if free:
        for document in spared(cassette, chosen.answers):
            chosen.events[document.number] = join_key(document.event), ()
    quotes = list(_quotes(cassette))
    for number, quoted in quotes:
        if number in chosen.events and not free:
            reason = (
                f"its request quotes event {quoted}, and was sent with the recorded history: "
                "promote a run with --llm-history replayed"
            )
            yield from chosen.refuse(number, reason)
    refused = True
    while refused:
        refused = False
        for number, quoted in quotes:
            alone = {number, quoted} & chosen.events.keys()
            if len(alone) == 1:
                refused, (one,) = True, alone
                other = quoted if one == number else number
                word = "quotes" if one == number else "is quoted by"
                yield from chosen.refuse(
                    one,
                    f"it {word} event {other}, which is not promoted with it: choose the whole "
                    f"session, or where that has no answer {_RECORD_ANEW}",
                )


def _quotes(cassette: Cassette) -> Iterator[tuple[int, int]]:
    """Numbers of the events that quote another, each with the other's."""
    quotations = Quotations(list(cassette.events))
    for place, event in enumerate(quotations.events):
        for quoted in quoted_by(quotations, place):
            yield event.number, quoted


def _left(cassette: Cassette, chosen: _Chosen) -> int:
    """How many recordings of the model that gives way nobody has replayed, as token counts."""
    gone = {doc.head.model for doc in cassette.documents if doc.number in chosen.events}
    gone -= {event.model for events in chosen.answers.values() for event in events}
    known = chosen.calls.keys() | chosen.events.keys()
    return sum(doc.number not in known and doc.head.model in gone for doc in cassette.documents)


def _written(
    path: Path, chosen: _Chosen, *, left: int, root: Path, redactor: Redactor
) -> Iterator[AcceptedFile | Refused]:
    try:
        stored = promote_answers(path, chosen.events, root=root, redactor=redactor)
    except LlmReplayError as error:
        for number in tuple(chosen.events):
            yield from chosen.refuse(number, str(error))
        return
    for number in stored.outdated:
        yield from chosen.refuse(number, "recorded anew meanwhile")
    written = chosen.answers.values()
    yield AcceptedFile(
        path=path,
        answers=sum(map(len, written)),
        changed=stored.changed,
        dropped=sum(not events for events in written),
        left=left,
        converted=chosen.converted,
    )
