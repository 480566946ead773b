"""Answers of a replay on their way into the cassettes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_llmreplay.cassette.accepted import Accepted
from pytest_llmreplay.compare.figures import many
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.replay.baseline import accepted_of
from pytest_llmreplay.replay.entry import Result

from .collection import ReplayItem
from .replay_commands import ReplayCommands
from .settings import Settings

__all__ = ["Accepting"]


class Accepting:
    """Collects the answers that shall be baselines, and writes them when the calls have ended.

    Args:
        settings: The options of the run.
        commands: Knows how paths are shown.
    """

    def __init__(self, settings: Settings, commands: ReplayCommands) -> None:
        self._settings, self._commands = settings, commands
        self._answers: dict[Path, list[Accepted]] = {}
        self.failed = False
        """Whether an answer that was to be stored was not."""

    def take(self, item: ReplayItem, result: Result) -> None:
        """Note the answer of an item, if it was asked to be accepted."""
        if result.replayed is not None and self._accepts(item, result):
            answer = accepted_of(item.document.event, result.replayed, item.target.name)
            self._answers.setdefault(item.path, []).append(answer)

    def write(self) -> list[str]:
        """Write all that was taken; what came of it, in lines."""
        lines = [
            line for path, answers in self._answers.items() for line in self._file(path, answers)
        ]
        self._answers.clear()
        return lines

    def _accepts(self, item: ReplayItem, result: Result) -> bool:
        outcome = result.comparison.outcome
        if item.target.kind == "recorded" or outcome == "error":
            return False
        return self._settings.record or (self._settings.accept and outcome in {"ok", "changed"})

    def _file(self, path: Path, answers: Sequence[Accepted]) -> Iterator[str]:
        # The stages that write are loaded where something is written.
        from pytest_llmreplay.replay.accept import accept_answers  # noqa: PLC0415

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
            said = self._commands.text(error).removeprefix(f"{shown}: ")
            yield f"{shown}: nothing accepted: {said}"
            return
        yield f"{shown}: {_told(len(answers) - len(stored.outdated), changed=stored.changed)}"
        for number in stored.outdated:
            self.failed = True
            yield f"{shown}: event {number} not accepted: it was recorded anew meanwhile"


def _told(count: int, *, changed: bool) -> str:
    answers = many(count, "answer")
    return f"{answers} accepted" if changed else f"{answers} accepted before, nothing new"
