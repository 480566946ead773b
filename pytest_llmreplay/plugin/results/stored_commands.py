"""The commands that go on from a failure with the answer that the run keeps."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from pytest_llmreplay.cassette.places.own_directory import OWN_DIRECTORY
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.kept_runs.keeping import RunKeeping
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.replay.entry import Result

from .replay_commands import ReplayCommands

__all__ = ["StoredCommands"]


class StoredCommands:
    """Commands as a person would type them; none where the run does not keep the answer.

    Args:
        settings: The options of the run.
        keeping: Knows the run.
        commands: Knows how paths are shown.
    """

    def __init__(self, settings: Settings, keeping: RunKeeping, commands: ReplayCommands) -> None:
        self._settings, self._keeping, self._commands = settings, keeping, commands

    @property
    def show_run(self) -> str | None:
        """All answers of a run that has just been kept, each beside the recorded one."""
        run = self._keeping.shown
        return None if run is None else _typed("show", run, *self._place())

    def show(self, item: ReplayItem) -> str | None:
        """Both answers to one event, whole."""
        return self._command("show", item)

    def accept(self, item: ReplayItem, result: Result) -> str | None:
        """The answer becomes the baseline; only the first of several samples does."""
        return self._command("accept", item) if result.entry.sample == 0 else None

    def _command(self, name: str, item: ReplayItem) -> str | None:
        run = self._keeping.told_by
        if run is None or item.target.kind == "recorded":
            return None
        return _typed(name, run, *self._place(), *self._choice(item))

    def _choice(self, item: ReplayItem) -> tuple[str, ...]:
        """The event by its label where that names no other, else by its node id."""
        if self._keeping.named_alone(item.label):
            return ("-k", item.label)
        return (f"{self._commands.path(item.path)}::{item.name}",)

    def _place(self) -> Iterator[str]:
        """Where the run is, unless the command finds it by itself."""
        settings, rootdir = self._settings, self._settings.rootdir
        if settings.runs is not None:
            yield from ("--runs", self._commands.path(settings.runs))
        if settings.runs is not None or not self._commands.finds(rootdir, OWN_DIRECTORY):
            yield from ("--rootdir", self._commands.path(rootdir))


def _typed(*words: str) -> str:
    return shlex.join(["pytest-llmreplay", *words])
