"""Answers of a stored run on their way into the cassettes, each bound to the request it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_llmreplay.cassette.documents.accepted import Accepted
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.errors import CassetteError, LlmReplayError
from pytest_llmreplay.providers.registry import format_of
from pytest_llmreplay.replay.baselines.accept import accept_answers
from pytest_llmreplay.replay.baselines.replacing import answer_to
from pytest_llmreplay.runs.choosing import node_id
from pytest_llmreplay.runs.recordings import Recordings, answer_of
from pytest_llmreplay.runs.stored import StoredCall, StoredRun

__all__ = ["AcceptedFile", "Refused", "accept_run", "check_target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An answer that was not stored."""

    node_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedFile:
    """What was stored in a cassette."""

    path: Path
    answers: int
    changed: bool
    """Whether the cassette is another file now."""
    dropped: int = 0
    """Recordings that went, as nobody asks for them any more."""
    left: int = 0
    """Recordings that no answer of the run is for, and that ask the model which gave way."""
    converted: str = ""
    """The API format of the new recordings, where it is another than that of the old ones."""
    remarks: tuple[str, ...] = ()
    """What the tests will miss."""


def accept_run(
    run: StoredRun,
    calls: Sequence[StoredCall],
    *,
    root: Path,
    redactor: Callable[[Path], Redactor],
) -> Iterator[AcceptedFile | Refused]:
    """Store answers as the accepted baselines of their targets; `same` replaces recordings.

    Args:
        run: Where the answers are.
        calls: Those to accept.
        root: What names of cassettes begin at; nothing is written outside.
        redactor: Makes what refuses secrets in the cassettes of a folder.
    """
    recordings = Recordings(root)
    answers: dict[Path, list[tuple[StoredCall, Accepted]]] = {}
    for stored in calls:
        try:
            path = recordings.path(stored.call)
            answer = _accepted(run, stored, recordings, redactor(path.parent))
            answers.setdefault(path, []).append((stored, answer))
        except LlmReplayError as error:
            yield Refused(node_id=node_id(stored.call), reason=str(error))
    for path, found in answers.items():
        yield from _written(path, found, root=root, redactor=redactor(path.parent))


def _written(
    path: Path, found: Sequence[tuple[StoredCall, Accepted]], *, root: Path, redactor: Redactor
) -> Iterator[AcceptedFile | Refused]:
    try:
        stored = accept_answers(path, [one for _, one in found], root=root, redactor=redactor)
    except LlmReplayError as error:
        for call, _ in found:
            yield Refused(node_id=node_id(call.call), reason=str(error))
        return
    refused = [
        Refused(node_id=node_id(call.call), reason=reason)
        for call, answer in found
        if (reason := stored.refusal(answer)) is not None
    ]
    yield from refused
    if count := len(found) - len(refused):
        yield AcceptedFile(path=path, answers=count, changed=stored.changed, remarks=stored.remarks)


def _accepted(
    run: StoredRun, stored: StoredCall, recordings: Recordings, redactor: Redactor
) -> Accepted:
    call = stored.call
    check_target(run, call.target)
    recorded = recordings.document(call).event
    replayed = answer_of(run, stored, recorded)
    if format_of(replayed.api) is None:
        raise CassetteError(f"its API format {replayed.api!r} is unknown")
    answer = answer_to(recorded, replayed, call.target, redactor)
    return replace(answer, request=call.digest)


def check_target(run: StoredRun, name: str) -> None:
    """A name stands in a line of the cassette, and must be one that the run was for.

    Raises:
        CassetteError: It is none.
    """
    if not name.isprintable() or name not in {target.name for target in run.header.targets}:
        raise CassetteError(f"{run.header.id} was not for a target {name!r}")
