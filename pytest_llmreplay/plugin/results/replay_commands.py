"""The commands that go on from a failure: the same replay of one event, or of what failed."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_llmreplay.plugin.as_typed import relative, shown
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.settings.settings import Settings

__all__ = ["ReplayCommands"]


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
