"""What a caller changes in a recorded call before it is sent again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.event import Event, Json, JsonBody
from pytest_llmreplay.providers.editing.layout import layout_of
from pytest_llmreplay.replay.unsent.unsendable import recorded_body

__all__ = ["ReplayOverrides"]

_FIELDS = ("model", "messages", "tools")
_CONFIGURATION = ("provider", "model", "variant", "parameters", "messages", "tools")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOverrides:
    """Changes to one call; what is not named stays as it was recorded.

    Raises:
        ConfigError: A value is no JSON, or a parameter has a field of its own here.
    """

    model: str | None = None
    """Another target, as `--llm-model` names it; of an engine with an address of its own (a base
    URL, a target of the config file, `simulated/NAME`) another model at that address."""
    provider: str | None = None
    """Whose `model` is: both together are `PROVIDER/MODEL`, also at an engine's base URL."""
    variant: str | None = None
    """A variant of the config file, by its name; `parameters` have the last word."""
    parameters: Mapping[str, Json] | None = None
    """Merged into the recorded ones, in the words of the target's API format; a dot leads into an
    object, `None` removes, zero is a value."""
    messages: Sequence[Mapping[str, Json]] | None = None
    """Takes the place of the whole conversation, in the words of the event's API format."""
    tools: Sequence[Mapping[str, Json]] | None = None
    """Takes the place of all tools, in the words of the event's API format; empty: no tools."""

    def __post_init__(self) -> None:
        names = {"model": self.model, "provider": self.provider, "variant": self.variant}
        for name, value in names.items():
            blank = isinstance(value, str) and not value.strip()
            if blank or not isinstance(value, str | None):
                raise ConfigError(f"ReplayOverrides: {name} is {value!r}, not a name")
        if self.provider is not None and self.model is None:
            raise ConfigError(f"ReplayOverrides: provider {self.provider!r} needs a model")
        if self.parameters is not None:
            _refuse_other_than_objects("parameters", [self.parameters])
            _refuse_fields(self.parameters)
        for name, several in (("messages", self.messages), ("tools", self.tools)):
            if several is not None:
                _refuse_other_than_objects(name, several)

    @classmethod
    def of(cls, configuration: ReplayOverrides | Mapping[str, Json]) -> ReplayOverrides:
        """The overrides that a configuration is: `{"provider": …, "model": …, "parameters": …}`.

        Raises:
            ConfigError: It has other keys, or a provider without a model.
        """
        if isinstance(configuration, ReplayOverrides):
            return configuration
        fields = _object_of(configuration)
        return cls(**fields)  # type: ignore[arg-type]  # what is no JSON of its kind is refused there

    @property
    def target(self) -> str | None:
        """The model as `--llm-model` names it."""
        return self.model if self.provider is None else f"{self.provider}/{self.model}"

    def asked(self, event: Event) -> Event:
        """The event, asking what it asks now: with other messages and tools.

        Raises:
            ConfigError: Its format has no messages and no tools.
        """
        if self.messages is None and self.tools is None:
            return event
        recorded = recorded_body(event)
        layout = layout_of(event.api, recorded)
        if layout is None or layout.turns is None:
            raise ConfigError(f"a call of {event.api} has no messages and no tools to replace")
        body = dict(recorded or ({"model": event.model} if event.model else {}))
        if self.messages is not None:
            body[layout.turns] = [dict(one) for one in self.messages]
        if self.tools is not None:
            key = layout.tools_in or "tools"
            tools: list[Json] = [dict(one) for one in self.tools]
            body.pop(key, None)
            if tools:
                body[key] = {"tools": tools} if layout.tools_in else tools
        request = replace(event.exchange.request, body=JsonBody(value=body))
        return replace(event, exchange=replace(event.exchange, request=request))


def _object_of(configuration: Any) -> dict[str, Json]:
    """A configuration as an object of its own, with known keys."""
    if not isinstance(configuration, Mapping):
        expected = "expected ReplayOverrides(…) or a mapping"
        raise ConfigError(f"configuration: {expected}, found {configuration!r:.60}")
    unknown = [key for key in configuration if key not in _CONFIGURATION]
    if unknown:
        known = ", ".join(_CONFIGURATION)
        raise ConfigError(f"configuration: unknown key {unknown[0]!r}; known keys: {known}")
    return dict(configuration)


def _refuse_fields(parameters: Mapping[Any, Json]) -> None:
    for key in parameters:
        if not isinstance(key, str) or not all(key.split(".")):
            raise ConfigError(f"ReplayOverrides: {key!r} is no name of a parameter")
        if (field := key.partition(".")[0]) in _FIELDS:
            raise ConfigError(f"ReplayOverrides: {key!r} is no parameter; give it as {field}=")


def _refuse_other_than_objects(name: str, values: Any) -> None:
    """Refuse what cannot stand in a request, before any is made of it."""
    several = isinstance(values, Sequence) and not isinstance(values, str)
    if not several or not all(isinstance(one, Mapping) for one in values):
        raise ConfigError(f"ReplayOverrides: {name}: expected JSON objects, found {values!r:.80}")
    try:
        json.dumps([dict(one) for one in values], allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"ReplayOverrides: {name} is no JSON: {error}") from None
