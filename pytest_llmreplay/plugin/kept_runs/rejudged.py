"""A stored run whose answers are judged again: what it has of its own, whatever is asked now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.replay.gate_plan import StoredFloor
from pytest_llmreplay.replay.targets.target import Kind, Target
from pytest_llmreplay.runs.header import RunTarget
from pytest_llmreplay.runs.place import Runs
from pytest_llmreplay.runs.stored import StoredRun

__all__ = ["Rejudged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """The run that `--llm-rejudge` names, and the options that were given beside it."""

    run: StoredRun
    given: Settings

    @classmethod
    def of(cls, settings: Settings, runs: Runs, here: Path) -> Self:
        """Find the run.

        Args:
            settings: The options; they name it.
            runs: Where runs are kept.
            here: Where a path to it begins.

        Raises:
            ConfigError: There is none of that name, or an option asks for calls.
            CassetteError: Its file cannot be read.
        """
        sends = {
            "--llm-resume": settings.resume,
            "--llm-set": settings.overrides,
            "--llm-variant": settings.variants,
            "--llm-base-url": settings.base_url,
        }
        if flag := next((flag for flag, given in sends.items() if given), None):
            raise ConfigError(f"--llm-rejudge sends nothing: leave {flag} out")
        return cls(run=runs.named(settings.rejudge or "", here), given=settings)

    @property
    def settings(self) -> Settings:
        """The options, with the history that the run was sent with.

        Raises:
            ConfigError: Another one is asked for.
        """
        asked, free = self.given.history, self.run.header.selection.get("history") == "replayed"
        if asked == "replayed" and not free:
            raise ConfigError(
                f"--llm-history {asked}: {self.run.header.id} was sent with the recorded history; "
                "leave it out"
            )
        return replace(self.given, history="replayed" if free else "recorded")

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets of the run, as far as `--llm-model` names them.

        Raises:
            ConfigError: It has none of them.
        """
        names, floor = self.given.models, self.floor
        if names and floor is not None and self.given.gate.calibrate:
            names = tuple(dict.fromkeys((floor.target, *names)))
        return _targets_of(self.run, names)

    @property
    def floor(self) -> StoredFloor | None:
        """The calibration of the run.

        Raises:
            ConfigError: It has none, and one is asked for.
        """
        found = [one.call for one in self.run.calls if one.call.purpose == "calibration"]
        if found:
            answers = max(call.sample for call in found) + 1
            return StoredFloor(target=found[0].target, answers=answers)
        if self.given.gate.calibrate:
            raise ConfigError(
                f"{self.run.header.id} has no answers of --llm-calibrate; leave it out, or name "
                "the run that has them"
            )
        return None


def _targets_of(run: StoredRun, names: Sequence[str]) -> tuple[Target, ...]:
    """The targets of a stored run; those that are named, where any is.

    Raises:
        ConfigError: The run has none of a name, or none at all.
    """
    found = [target for one in run.header.targets if (target := _target(one)) is not None]
    missing = next((name for name in names if not any(map(_is_named(name), found))), None)
    if missing is not None or not found:
        has = ", ".join(target.name for target in found) or "none"
        raise ConfigError(f"{run.header.id} has no target {missing!r}; its targets are: {has}")
    chosen = [target for name in names for target in filter(_is_named(name), found)]
    return tuple({target.name: target for target in chosen or found}.values())


def _target(stored: RunTarget) -> Target | None:
    """The target of a stored run; what its variant changed is in the answers."""
    kinds: dict[str, Kind] = {"same": "same", "live": "live", "simulated": "simulated"}
    if stored.kind not in kinds:
        return None
    from pytest_llmreplay.replay.variants.variant import Variant  # noqa: PLC0415 - few are judged

    return Target(
        name=stored.name,
        kind=kinds[stored.kind],
        provider=stored.provider,
        model=stored.model,
        variant=None if stored.variant is None else Variant(name=stored.variant),
    )


def _is_named(name: str) -> Callable[[Target], bool]:
    """Whether a target is meant, with its variant or whatever that is."""
    return lambda target: name in (target.name, target.named)
