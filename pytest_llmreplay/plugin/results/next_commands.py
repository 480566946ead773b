"""The commands that go on from a failure: the same replay again, or with the answer it keeps."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_llmreplay.cassette.places.own_directory import OWN_DIRECTORY
from pytest_llmreplay.plugin.as_typed import relative, shown
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.kept_runs.keeping import RunKeeping
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.replay.entry import Result

__all__ = ["ReplayCommands", "StoredCommands"]


class ReplayCommands:
    """Commands and paths as a person would type them.

    Args:
        settings: The options of the run.
        here: Where pytest was started.
    """

    def __init__(self, settings: Settings, here: Path) -> None:
        self._settings, self._here = settings, here

    def one(self, item: ReplayItem) -> str:
        """The replay of one event against one target."""
        node_id = f"{self.path(item.path)}::{item.name}"
        variant = item.target.variant
        base = self._base((item.target.named,), (variant.name,) if variant else ())
        return f"{base} {shlex.quote(node_id)}"

    def accept(self, item: ReplayItem) -> str | None:
        """The replay of one event that accepts whatever comes; none where nothing is asked."""
        return None if item.target.kind == "recorded" else f"{self.one(item)} --llm-record"

    def failed(self) -> str:
        """The replay of what failed last."""
        return f"{self._base(self._settings.models, self._settings.variants)} --lf"

    def path(self, path: Path) -> str:
        """A path as it is typed."""
        return relative(path, self._here)

    def finds(self, folder: Path, name: str) -> bool:
        """Whether a folder is the nearest one at or above this place that has such a name in it."""
        above = (self._here, *self._here.parents)
        return next((one for one in above if (one / name).is_dir()), None) == folder

    def text(self, text: object) -> str:
        """What an error says, with paths as they are typed."""
        return shown(text, self._here)

    def _base(self, models: Iterable[str], variants: Iterable[str]) -> str:
        return shlex.join(["pytest", "--llm-replay", *self._options(models, variants)])

    def _options(self, models: Iterable[str], variants: Iterable[str]) -> Iterator[str]:
        settings = self._settings
        typed = settings.checks if settings.checks_source == "command line" else None
        if settings.rejudge is not None:  # the stored run names its targets
            yield from ("--llm-rejudge", settings.rejudge)
        else:
            yield from _each("--llm-model", (name for name in models if name != "recorded"))
            yield from _each("--llm-variant", variants)
            yield from _each("--llm-base-url", [settings.base_url or ""])
        yield from _each("--llm-set", settings.overrides)
        yield from _each("--llm-check", typed or ())
        if settings.check_only:
            yield "--llm-check-only"
        if settings.fail_on.source == "command line":
            yield from ("--llm-fail-on", settings.fail_on.rung)
        if settings.history == "replayed":
            yield from ("--llm-history", "replayed")
        yield from _each("--llm-samples", [str(settings.gate.samples or "")])
        yield from _each("--llm-judge", [settings.judge or ""])
        yield from _each("--llm-allow", settings.allow)
        cap = settings.money.cap
        yield from _each("--llm-max-cost", [] if cap is None else [f"{cap:.12g}"])
        yield from _each("--llm-config", [settings.config_file or ""])


def _each(flag: str, values: Iterable[str]) -> Iterator[str]:
    for value in values:
        if value:
            yield from (flag, value)


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
