"""Answers of a replay on their way into the cassettes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from pytest_llmreplay.cassette.documents.accepted import Accepted
from pytest_llmreplay.compare.figures.numbers import many
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.event import Event
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.replay.entry import Result

from .next_commands import ReplayCommands

__all__ = ["Accepting"]

_MOST = 10
"""Cassettes that are all named."""
_FIRST = 3
"""Those that are named where there are more."""


class Accepting:
    """Collects the answers that shall be baselines, and writes them when the calls have ended.

    Args:
        settings: The options of the run.
        commands: Knows how paths are shown.
    """

    def __init__(self, settings: Settings, commands: ReplayCommands) -> None:
        self._settings, self._commands = settings, commands
        self._redactor = cache(settings.redactor)
        self._answers: dict[Path, list[Accepted]] = {}
        self._stored: dict[str, list[tuple[str, int]]] = {}
        """What became of answers: cassettes, and how many of each."""
        self._refused: list[str] = []
        self.failed = False
        """Whether an answer that was to be stored was not."""

    def take(self, item: ReplayItem, result: Result) -> None:
        """Note the answer of an item, if it was asked to be accepted."""
        if result.replayed is not None and self._accepts(item, result):
            self._note(item, result.replayed)

    def write(self) -> list[str]:
        """Write all that was taken; what came of it, in lines."""
        lines = [
            line for path, answers in self._answers.items() for line in self._file(path, answers)
        ]
        stored = [line for what, found in self._stored.items() for line in _told(what, found)]
        self._answers.clear()
        self._stored.clear()
        self.failed = self.failed or bool(self._refused)
        return [*stored, *lines, *self._refused]

    def _note(self, item: ReplayItem, replayed: Event) -> None:
        from pytest_llmreplay.replay.baselines.replacing import answer_to  # noqa: PLC0415 - only to write

        recorded, target = item.document.event, item.target.name
        try:
            answer = answer_to(recorded, replayed, target, self._redactor(item.parent.folder))
        except LlmReplayError as error:
            self._refused.append(self._left(item.path, recorded.number, str(error)))
        else:
            self._answers.setdefault(item.path, []).append(answer)

    def _accepts(self, item: ReplayItem, result: Result) -> bool:
        outcome = result.comparison.outcome
        if item.target.kind == "recorded" or outcome == "error":
            return False
        return self._settings.record or (self._settings.accept and outcome in {"ok", "changed"})

    def _file(self, path: Path, answers: Sequence[Accepted]) -> Iterator[str]:
        from pytest_llmreplay.replay.baselines.accept import accept_answers  # noqa: PLC0415 - as above

        settings, shown = self._settings, self._commands.path(path)
        try:
            stored = accept_answers(
                path,
                answers,
                root=settings.projects.home(path),
                redactor=settings.redactor(path.parent),
            )
        except LlmReplayError as error:
            self.failed = True
            problem = self._commands.text(error).removeprefix(f"{shown}: ")
            yield f"{shown}: nothing accepted: {problem}"
            return
        refused = [
            self._left(path, answer.number, reason)
            for answer in answers
            if (reason := stored.refusal(answer)) is not None
        ]
        self.failed = self.failed or bool(refused)
        if count := len(answers) - len(refused):
            what = "accepted" if stored.changed else "accepted before, nothing new"
            self._stored.setdefault(what, []).append((shown, count))
        yield from (f"{shown}: {remark}" for remark in stored.remarks)
        yield from refused

    def _left(self, path: Path, number: int, reason: str) -> str:
        return f"{self._commands.path(path)}: event {number} not accepted: {reason}"


def _told(what: str, found: Sequence[tuple[str, int]]) -> Iterator[str]:
    """Each cassette, or where there are many the first ones and the sum of the others."""
    shown = len(found) if len(found) <= _MOST else _FIRST
    yield from (f"{name}: {many(count, 'answer')} {what}" for name, count in found[:shown])
    if rest := found[shown:]:
        answers = many(sum(count for _, count in rest), "answer")
        yield f"and {len(rest)} more cassettes: {answers} {what}"
