"""`gate:` of a config file: how samples become a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from pytest_llmreplay.compare.statistics.rules import RULES, GateRules
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.event import Json

from .text import ConfigText

__all__ = ["Family", "GateEntry", "Inconclusive", "Scope", "gate_entry"]

Scope = Literal["events", "sessions"]
"""What a verdict speaks about: the events that were recorded, or sessions like theirs."""
Inconclusive = Literal["fail", "warn"]
Family = Literal["target", "run"]
"""Over which metrics false alarms are held down together: those of a target, or of the run."""

KEYS = ("pass_rate", "margin", "alpha", "scope", "inconclusive", "family", "schedule", "confirm")

_PLACE = ("gate",)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateEntry:
    """What a config file says about the gate; none where it says nothing."""

    pass_rate: float | None = None
    margin: float | None = None
    alpha: float | None = None
    scope: Scope | None = None
    inconclusive: Inconclusive | None = None
    family: Family | None = None
    schedule: tuple[int, ...] | None = None
    """Samples of each event after each stage; empty for no stages."""
    confirm: bool | None = None

    def rules(
        self, *, margin: float | None = None, schedule: tuple[int, ...] | None = None
    ) -> GateRules:
        """How a run is judged.

        Args:
            margin: That of the command line, where it says one.
            schedule: Samples after which the run is judged; none for once, at the end.
        """
        return GateRules(
            margin=margin or self.margin or RULES.margin,
            alpha=self.alpha or RULES.alpha,
            scope=self.scope or RULES.scope,
            schedule=schedule,
        )


def gate_entry(value: Json, file: ConfigText) -> GateEntry:
    """The section as it is written.

    Raises:
        ConfigError: It says something that nobody understands.
    """
    if value is None:
        return GateEntry()
    section = file.mapping(value, _PLACE)
    file.refuse_others(section, KEYS, _PLACE)
    fields = _Section(section, file)
    return GateEntry(
        pass_rate=fields.share("pass_rate", 1.0),
        margin=fields.share("margin", 0.99),
        alpha=fields.share("alpha", 0.49),
        scope=cast("Scope | None", fields.word("scope", "events", "sessions")),
        inconclusive=cast("Inconclusive | None", fields.word("inconclusive", "fail", "warn")),
        family=cast("Family | None", fields.word("family", "target", "run")),
        schedule=fields.schedule(),
        confirm=fields.switch("confirm"),
    )


class _Section:
    """The values of the section; a key that it does not have is none."""

    def __init__(self, value: Mapping[str, Json], file: ConfigText) -> None:
        self._value, self._file = value, file

    def share(self, key: str, most: float) -> float | None:
        value = self._value.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            raise self._refused(key, f"not a number above 0 and up to {most:g}")
        return float(value)

    def word(self, key: str, *words: str) -> str | None:
        value = self._value.get(key)
        if value is None or (isinstance(value, str) and value in words):
            return value
        raise self._refused(key, f"none of {', '.join(words)}")

    def switch(self, key: str) -> bool | None:
        value = self._value.get(key)
        if value is None or isinstance(value, bool):
            return value
        raise self._refused(key, "not true or false")

    def schedule(self) -> tuple[int, ...] | None:
        value = self._value.get("schedule")
        if value is None:
            return None
        stages = [] if value is False else value
        if isinstance(stages, list) and stages == _growing(stages):
            return tuple(_growing(stages))
        raise self._refused(
            "schedule", "not a growing list of samples such as [1, 2, 3, 5], or false"
        )

    def _refused(self, key: str, problem: str) -> ConfigError:
        return self._file.wrong((*_PLACE, key), f"{key} is {self._value[key]!r:.60}, {problem}")


def _growing(stages: Sequence[Json]) -> list[int]:
    """The whole numbers from 1 on in a list, once each and in order."""
    return sorted({one for one in stages if isinstance(one, int) and one is not True and one > 0})
