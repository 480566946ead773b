"""Which checks an event is judged by: the run's, its cassette's, its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache

from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.compare.specs.layers import InForce, Layer, base_layer, in_force
from pytest_llmreplay.compare.syntax.surroundings import Surroundings
from pytest_llmreplay.errors import CassetteDamaged, CheckSyntaxError
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.replay.config.file import Config
from pytest_llmreplay.replay.own_checks import own_checks
from pytest_llmreplay.report.summary.force import CheckSource

__all__ = ["Checks", "ForceCount"]

_Source = tuple[str, str]
"""A check as written, and the place that asked for it."""

_PLACES = {
    "command line": "--llm-check",
    "addopts": "--llm-check in addopts",
    "ini": "llm_checks",
    "default": "default",
}


class Checks:
    """Adds up the checks of all places.

    Args:
        settings: The options of the run.
        config: The config file above the cassettes.
        around: What checks may refer to.

    Raises:
        CheckSyntaxError: A check of the command line, the ini file or the config cannot be read.
    """

    def __init__(self, settings: Settings, config: Config, around: Surroundings) -> None:
        self._around = around
        self._only = settings.check_only
        self._base = _base(settings, config)
        self._place = _PLACES.get(self._base.source, f"{config.file.place('checks')}: checks")
        self._in_force = cache(self._add_up)
        self._validate()

    def of(self, document: EventDocument) -> InForce:
        """The checks in force for an event, those of its cassette among them.

        Raises:
            CassetteDamaged: One of its cassette cannot be read.
        """
        try:
            return self.by(own_checks(document))
        except CheckSyntaxError as error:
            place = document.place
            raise CassetteDamaged(f"checks: {error}", path=place.path, line=place.line) from None

    def by(self, own: tuple[Layer, ...]) -> InForce:
        """The checks of every event that brings these along.

        Raises:
            CheckSyntaxError: One of them cannot be read.
        """
        return self._in_force(own)

    def _validate(self) -> None:
        try:
            self._in_force(())
        except CheckSyntaxError as error:
            raise CheckSyntaxError(f"{self._place}: {error}") from None

    def _add_up(self, own: tuple[Layer, ...]) -> InForce:
        return in_force([self._base, *own], only=self._only, around=self._around)


class ForceCount:
    """Counts for the summary which checks were in force, and which were left out."""

    def __init__(self) -> None:
        self._events: dict[str, dict[int, _Counted]] = {}
        """Target → identity of what was in force → it, and for how many events: few, of many."""

    def add(self, target: str, force: InForce) -> None:
        """Count one event of a target."""
        counted = self._events.setdefault(target, {}).setdefault(id(force), _Counted(force))
        counted.events += 1

    def told(self, events: int) -> tuple[tuple[CheckSource, ...], tuple[CheckSource, ...]]:
        """Both, with their places, and with the number of events where it is not all."""
        used = self._most(lambda force: force.sources)
        dropped = self._most(lambda force: force.dropped)
        return _told(used, events), _told(dropped, events)

    def _most(self, part: Callable[[InForce], Iterable[_Source]]) -> Counter[_Source]:
        """Events by check, of the target that has most: the same events go to every target."""
        most: Counter[_Source] = Counter()
        for counted in self._events.values():
            count: Counter[_Source] = Counter()
            for one in counted.values():
                for source in part(one.force):
                    count[source] += one.events
            most |= count
        return most


@dataclass(slots=True)
class _Counted:
    force: InForce
    events: int = 0


def _base(settings: Settings, config: Config) -> Layer:
    typed = settings.checks_source in {"command line", "addopts"}
    layer = base_layer(
        command_line=settings.checks if typed else None,
        config=config.checks,
        ini=None if typed else settings.checks,
    )
    return replace(layer, source=settings.checks_source) if typed else layer


def _told(counts: Counter[_Source], events: int) -> tuple[CheckSource, ...]:
    return tuple(
        CheckSource(spec=spec, source=source, events=None if count >= events else count)
        for (spec, source), count in counts.items()
    )
