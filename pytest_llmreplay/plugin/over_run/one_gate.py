"""A verdict over the run has one gate, whatever the number of config files above its cassettes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.replay.config.file import Config
from pytest_llmreplay.replay.config.gate import GateEntry

__all__ = ["refuse_two_gates"]

_OF_EVENTS = "pass_rate"
"""What each event is judged by alone, below the file that says it."""

_KEYS = tuple(field.name for field in fields(GateEntry) if field.name != _OF_EVENTS)


def refuse_two_gates(configs: Iterable[Config]) -> None:
    """Stop where two config files say different things about a run that they have in common.

    Raises:
        ConfigError: They do; the message names both places.
    """
    one, *others = {config.path: config for config in configs}.values()
    for other in others:
        for key in _KEYS:
            if getattr(one.gate, key) != getattr(other.gate, key):
                raise ConfigError(
                    f"a run has one gate, and these differ: {_said(one, key)}; {_said(other, key)}."
                    " Write the same in both, replay their cassettes apart, or name one file for "
                    "all by --llm-config"
                )


def _said(config: Config, key: str) -> str:
    value = getattr(config.gate, key)
    if config.path is None:
        return f"cassettes without llmreplay.yaml have no gate.{key}"
    shown = "is not set" if value is None else f"is {_shown(value)}"
    return f"{config.file.place('gate', key)}: gate.{key} {shown}"


def _shown(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
