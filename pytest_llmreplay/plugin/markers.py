"""The marker `llm_cassette`: what a test asks of its cassette."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

import pytest

from pytest_llmreplay.cassette.record_mode import RecordMode
from pytest_llmreplay.errors import ConfigError, did_you_mean
from pytest_llmreplay.event import Session
from pytest_llmreplay.plugin.settings.settings import Settings

from .options import RECORD_MODES
from .uses import MARKER

__all__ = ["CassetteMark", "named_by"]

ARGUMENTS = ("name", "session", "checks", "match_ignore", "mode")


@dataclass(frozen=True, slots=True, kw_only=True)
class CassetteMark:
    """The arguments of `@pytest.mark.llm_cassette`, checked."""

    name: str | None = None
    session: Session | None = None
    checks: tuple[str, ...] | None = None
    match_ignore: tuple[str, ...] = ()
    mode: RecordMode | Literal["live"] | None = None

    @classmethod
    def of(cls, item: pytest.Item) -> CassetteMark:
        """The closest marker of a test; the defaults where it has none.

        Raises:
            ConfigError: The marker has an argument that it cannot have.
        """
        mark = item.get_closest_marker(MARKER)
        if mark is None:
            return cls()
        given = _named(mark)
        return cls(
            name=_name(given.get("name")),
            session=_session(given.get("session")),
            checks=_strings("checks", given.get("checks")),
            match_ignore=_strings("match_ignore", given.get("match_ignore")) or (),
            mode=_mode(given.get("mode")),
        )

    def mode_under(self, settings: Settings) -> RecordMode | Literal["live"]:
        """The mode in force: `live` lets a test out whatever was asked on the command line."""
        if self.mode == "live":
            return "live"
        return settings.command_line_mode or self.mode or "none"


def named_by(item: pytest.Item) -> str | None:
    """The name that the closest marker of a test gives its cassette, unless it is a wrong one."""
    mark = item.get_closest_marker(MARKER)
    name = None if mark is None else mark.kwargs.get("name", mark.args[0] if mark.args else None)
    return name if isinstance(name, str) else None


def _named(mark: pytest.Mark) -> dict[str, Any]:
    if len(mark.args) > 1:
        raise ConfigError(f"@pytest.mark.{MARKER} takes one positional argument, the name")
    given = dict(mark.kwargs)
    if mark.args:
        given["name"] = mark.args[0]
    unknown = sorted(set(given) - set(ARGUMENTS))
    if unknown:
        guess = did_you_mean(unknown[0], ARGUMENTS, ".")
        raise ConfigError(
            f"@pytest.mark.{MARKER} has no argument {unknown[0]!r}{guess} It takes "
            f"{', '.join(ARGUMENTS)}"
        )
    return given


def _name(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise ConfigError(f"@pytest.mark.{MARKER}(name=…): {value!r} is not a string")


def _session(value: object) -> Session | None:
    if value is None:
        return None
    if isinstance(value, str):
        return Session(name=value or None)
    if not isinstance(value, Mapping) or not set(value) <= {"id", "name", "path"}:
        raise ConfigError(
            f"@pytest.mark.{MARKER}(session=…): {value!r} is not a name, nor a dict with some of "
            "'id', 'name' and 'path'"
        )
    return Session(**{key: str(text) for key, text in value.items()})


def _strings(argument: str, value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, str):
        return (value,)
    if isinstance(value, (list, tuple)) and all(isinstance(entry, str) for entry in value):
        return tuple(value)
    raise ConfigError(f"@pytest.mark.{MARKER}({argument}=…): {value!r} is not a list of strings")


def _mode(value: object) -> RecordMode | Literal["live"] | None:
    if value is None or value == "live" or value in RECORD_MODES:
        return cast("RecordMode | Literal['live'] | None", value)
    raise ConfigError(
        f"@pytest.mark.{MARKER}(mode=…): {value!r} is none of live, {', '.join(RECORD_MODES)}"
    )
