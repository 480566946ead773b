"""What events are judged by where no pytest runs: by the project, the cassette, themselves."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.compare.check import Check
from pytest_llmreplay.compare.specs.layers import InForce, Layer, base_layer, in_force
from pytest_llmreplay.compare.statistics.rules import GateRules
from pytest_llmreplay.compare.syntax.surroundings import OwnCheck, Surroundings
from pytest_llmreplay.errors import CheckSyntaxError, ConfigError
from pytest_llmreplay.replay.own_checks import own_checks
from pytest_llmreplay.report.summary.force import CheckSource

from .project import Project

__all__ = ["EventChecks"]


class EventChecks:
    """The events of cassettes with what they are judged by, which is counted on the way.

    Args:
        project: Its ini keys and config files ask for checks.
        typed: Checks of the command line, in place of the project's.
        told: Whether what a check of a user found may be told by a stored run, where the project's
            hooks do not name it any more.
    """

    def __init__(self, project: Project, typed: tuple[str, ...], *, told: bool = False) -> None:
        self._project, self._typed, self._told = project, typed, told
        self._own = OwnChecks(lambda: project.hooks.checks)
        self._base = cache(self._find_base)
        self._in_force = cache(self._add_up)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._events = 0

    def sources(self) -> list[CheckSource]:
        """What was in force, who asked for it, and for how many events where it is not all."""
        return [
            CheckSource(spec=spec, source=source, events=None if count >= self._events else count)
            for (spec, source), count in self._counts.items()
        ]

    def of_event(self, document: EventDocument, path: Path) -> Sequence[Check]:
        """What an event is judged by.

        Raises:
            CheckSyntaxError: A check of the cassette cannot be read.
            ConfigError: One that was typed, or of the project, cannot; or hooks cannot be loaded.
        """
        force = self.in_force(document, path)
        self._events += 1
        self._counts.update(force.sources)
        return force.checks

    def in_force(self, document: EventDocument, path: Path) -> InForce:
        """All checks an event asks for, also over its session and the run; they are not counted.

        Raises:
            CheckSyntaxError: As `of_event` does.
            ConfigError: As `of_event` does.
        """
        layers = (self._base(path.parent), *own_checks(document))
        try:
            return self._in_force(path.parent, layers)
        except CheckSyntaxError as error:
            place = f"{os.path.relpath(path)}:{document.place.line}"
            raise CheckSyntaxError(f"{place}: checks: {error}") from None

    def rules(self, folder: Path) -> GateRules:
        """How a run of the cassettes in a folder is judged."""
        return self._project.config(folder).gate.rules()

    def _add_up(self, folder: Path, layers: tuple[Layer, ...]) -> InForce:
        return in_force(layers, around=self._around(folder))

    def _around(self, folder: Path) -> Surroundings:
        known = self._project.surroundings(folder)
        return replace(known, own=self._own, own_unknown=self._told)

    def _find_base(self, folder: Path) -> Layer:
        """What holds for the cassettes of a folder."""
        config, file = self._project.config(folder), self._project.file
        layer = base_layer(
            command_line=self._typed or None,
            config=config.checks,
            ini=(file.lines("llm_checks") if file else ()) or None,
        )
        places = {
            "command line": "--check",
            "config": f"{config.file.place('checks')}: checks",
            "ini": f"{file and file.path}: llm_checks",
        }
        return _readable(layer, places, self._around(folder))


def _readable(layer: Layer, places: Mapping[str, str], around: Surroundings) -> Layer:
    try:
        in_force([layer], around=around)
    except CheckSyntaxError as error:
        raise ConfigError(f"{places[layer.source]}: {error}") from None
    return layer


class OwnChecks(Mapping[str, OwnCheck]):
    """All of them by name, loaded when a name is looked for that no built-in check has.

    Args:
        ask: Loads them.
    """

    def __init__(self, ask: Callable[[], Mapping[str, OwnCheck]]) -> None:
        self._known = cache(ask)

    def __getitem__(self, name: str) -> OwnCheck:
        return self._known()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())
