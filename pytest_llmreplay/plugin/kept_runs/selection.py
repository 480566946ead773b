"""What a run asks for, as its file says it before the first call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import pytest

from pytest_llmreplay.event import Json
from pytest_llmreplay.plugin.as_typed import relative
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.runs.header import RunHeader, RunTarget

__all__ = ["RunSelection"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSelection:
    """What was selected, and what it is sent to."""

    asked: Mapping[str, Json]
    """What a person typed; a run of the same can be gone on with."""
    targets: tuple[RunTarget, ...]
    overrides: str
    """Digest of what a person changed in every request; empty where nothing is changed."""
    calls: int
    """Events that are asked, each of each target."""

    stages: tuple[int, ...]
    """Samples of each event after each stage of a verdict over the run, if any."""

    @classmethod
    def of(
        cls,
        config: pytest.Config,
        settings: Settings,
        items: Sequence[ReplayItem],
        stages: tuple[int, ...],
    ) -> Self:
        """Of the items that are sent somewhere."""
        targets = _targets(items)
        overrides = "\n".join(settings.overrides)
        return cls(
            asked=_asked(config, settings, [target.name for target in targets]),
            targets=targets,
            overrides=hashlib.sha256(overrides.encode()).hexdigest()[:16] if overrides else "",
            calls=len(items),
            stages=stages,
        )

    def header(self, name: str) -> RunHeader:
        """The first line of the file of a run that starts now, under this id."""
        return RunHeader(
            id=name,
            started=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            targets=self.targets,
            selection=self.asked,
            overrides=self.overrides,
            calls=self.calls,
            stages=self.stages,
        )


def _asked(config: pytest.Config, settings: Settings, targets: Sequence[str]) -> dict[str, Json]:
    paths: list[Json] = [_from(settings.rootdir, argument) for argument in config.args]
    free: dict[str, Json] = {} if settings.history == "recorded" else {"history": settings.history}
    return {
        **free,
        "paths": paths,
        "keyword": config.option.keyword,
        "marks": config.option.markexpr,
        "targets": list(targets),
        **({"filters": list(settings.filters)} if settings.filters else {}),
    }


def _targets(items: Sequence[ReplayItem]) -> tuple[RunTarget, ...]:
    found = {item.target.name: item.target for item in items}
    return tuple(
        RunTarget(
            name=name,
            kind=target.kind,
            provider=target.provider,
            model=target.model,
            variant=target.variant.name if target.variant else None,
        )
        for name, target in found.items()
    )


def _from(rootdir: Path, argument: str) -> str:
    path, colons, rest = argument.partition("::")
    return relative(Path(path), rootdir) + colons + rest
