"""What the config file above a cassette asks for: its targets and its checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_llmreplay.compare.specs.layers import InForce
from pytest_llmreplay.compare.specs.scoped import ScopedCheck
from pytest_llmreplay.compare.syntax.surroundings import OwnCheck, Surroundings
from pytest_llmreplay.errors import CheckSyntaxError, ConfigError
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.replay.config.file import Config, load_config
from pytest_llmreplay.replay.config.gate import GateEntry
from pytest_llmreplay.replay.gate_plan import floor_model, models_of, refuse_changed_floor
from pytest_llmreplay.replay.targets.target import (
    SIMULATED,
    Target,
    TargetSettings,
    matrix,
    resolve_all,
)

from .checks import Checks

if TYPE_CHECKING:
    from pytest_llmreplay.replay.variants.variant import OwnVariant

__all__ = ["Configured"]


class Configured:
    """Finds and reads the config files of a run, each once.

    Args:
        settings: The options of the run.
        own: Checks of users, by their names.
        variants: Variants of users, by their names.
        stored: The targets of a stored run, where that is judged again.
    """

    def __init__(
        self,
        settings: Settings,
        own: Mapping[str, OwnCheck],
        variants: Mapping[str, OwnVariant],
        stored: tuple[Target, ...] = (),
    ) -> None:
        self._own_variants = variants
        self._settings, self._stored = settings, stored
        self._found = settings.projects.config_file
        self._loaded = cache(lambda path: Config() if path is None else load_config(path))
        self._resolved = cache(self._resolve)
        self._in_folder = cache(self._checks)
        self._checked = cache(
            lambda path, project: Checks(
                settings, self._loaded(path), Surroundings(project=project, own=own)
            )
        )

    def targets(self, folder: Path) -> tuple[Target, ...]:
        """Where the events of the cassettes in a folder go.

        Raises:
            ConfigError: A target is unknown, or the config file is wrong.
        """
        return self._resolved(self._found(folder))

    def target_names(self, folders: Iterable[Path]) -> list[str]:
        """Where the events of all cassettes go, after all options were found to make sense.

        Raises:
            ConfigError: A target, a check, an option or a config file is wrong.
        """
        targets: dict[str, Target] = {}
        for folder in folders:
            self._in_folder(folder)
            targets |= {target.name: target for target in self.targets(folder)}
        _refuse_beside_calibration(self._settings, targets)
        _refuse_free_samples(self._settings)
        if all(target.kind == "recorded" for target in targets.values()):
            _refuse_what_needs_a_target(self._settings)
        return list(targets)

    def config(self, folder: Path) -> Config:
        """The config file above a folder, or what stands for none.

        Raises:
            ConfigError: It is wrong.
        """
        return self._loaded(self._found(folder))

    def in_force(self, item: ReplayItem) -> InForce:
        """What an event is judged by.

        Raises:
            CassetteDamaged: The checks of its cassette cannot be read.
        """
        checks, shared = self._in_folder(item.parent.folder), item.parent.shared_checks
        if shared is not None:
            with suppress(CheckSyntaxError):  # its place is told below
                return checks.by(shared)
        return checks.of(item.document)

    def scoped(self, item: ReplayItem) -> Sequence[ScopedCheck]:
        """What an event asks for beyond itself.

        Raises:
            CassetteDamaged: The checks of its cassette cannot be read.
            CheckSyntaxError: The same, where all of its events share them.
        """
        shared = item.parent.shared_checks
        if shared is None:
            return self.in_force(item).scoped
        return self._in_folder(item.parent.folder).by(shared).scoped

    def gate(self, folder: Path) -> GateEntry:
        """What the config file above the cassettes of a folder says about the gate."""
        return self._loaded(self._found(folder)).gate

    def _checks(self, folder: Path) -> Checks:
        project = self._settings.projects.home(folder / "-")
        return self._checked(self._found(folder), project)

    def _resolve(self, found: Path | None) -> tuple[Target, ...]:
        if self._stored:
            return self._stored
        models = models_of(self._settings.models, calibrate=self._settings.gate.calibrate)
        targets = resolve_all(
            models,
            TargetSettings(
                config=self._loaded(found),
                base_url=self._settings.base_url,
                base_url_typed=self._settings.base_url_typed,
                simulated=_simulated(models),
            ),
        )
        if not self._settings.variants:
            return targets
        from pytest_llmreplay.replay.variants.variants import Variants  # noqa: PLC0415 - few ask

        variants = Variants(self._loaded(found), self._own_variants)
        return matrix(targets, variants.chosen(self._settings.variants))


def _simulated(models: Iterable[str]) -> tuple[str, ...]:
    """The names of the simulated models, where one is asked for."""
    if not any(model.startswith(SIMULATED) for model in models):
        return ()
    from pytest_llmreplay.replay.simulated import FAULTS  # noqa: PLC0415 - most replays need no server

    return tuple(FAULTS)


def _refuse_what_needs_a_target(settings: Settings) -> None:
    asked = {
        "--llm-accept": settings.accept,
        "--llm-history": settings.history == "replayed",
        "--llm-judge": settings.judge,
        "--llm-record": settings.record,
        "--llm-set": settings.overrides,
        "--llm-variant": settings.variants,
    }
    for flag, given in asked.items():
        if given:
            raise ConfigError(
                f"{flag}: nothing is sent to 'recorded', the recording itself; name a target "
                "with --llm-model (same is the recorded model)"
            )


def _refuse_beside_calibration(settings: Settings, names: Iterable[str]) -> None:
    only_floor = settings.gate.calibrate and set(names) == {floor_model(settings.models)}
    accepts = {"--llm-accept": settings.accept, "--llm-record": settings.record}
    for flag in (flag for flag, given in accepts.items() if given and only_floor):
        raise ConfigError(
            f"--llm-calibrate: its answers are the noise floor, and none of them a baseline; leave "
            f"{flag} out"
        )
    if settings.gate.calibrate:
        changes = {"--llm-set": settings.overrides, "--llm-variant": settings.variants}
        refuse_changed_floor("--llm-calibrate", changes)


def _refuse_free_samples(settings: Settings) -> None:
    """A session that runs freely is a path of its own; its events have no further samples."""
    gate = settings.gate
    flags = {
        "--llm-samples": (gate.samples or 1) > 1,
        "--llm-gate run": gate.gate == "run",
        "--llm-calibrate": gate.calibrate,
    }
    flag = next((flag for flag, given in flags.items() if given), None)
    if settings.history == "replayed" and flag is not None:
        raise ConfigError(
            f"--llm-history replayed: each session is run through once; leave {flag} out"
        )
