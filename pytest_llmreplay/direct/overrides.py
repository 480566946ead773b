"""What a caller changes in a recorded call before it is sent again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.event import Event, Json, JsonBody
from pytest_llmreplay.replay.unsendable import recorded_body

__all__ = ["ReplayOverrides"]

_MESSAGES = {"responses": "input", "generate_content": "contents", "completions": "prompt"}
"""Where a format keeps the conversation, if not under `messages`."""
_FIELDS = ("model", "messages", "tools")
_CONFIGURATION = ("provider", "model", "parameters", "messages", "tools")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOverrides:
    """Changes to one call; what is not named stays as it was recorded.

    Raises:
        ConfigError: A value is no JSON, or a parameter has a field of its own here.
    """

    model: str | None = None
    """Another target, as `--llm-model` names it; of an engine with an address of its own (a base
    URL, a target of the config file, `simulated/NAME`) another model at that address."""
    parameters: Mapping[str, Json] | None = None
    """Merged into the recorded ones, in the words of the target's API format; a dot leads into an
    object, `None` removes, zero is a value."""
    messages: Sequence[Mapping[str, Json]] | None = None
    """Takes the place of the whole conversation, in the words of the event's API format."""
    tools: Sequence[Mapping[str, Json]] | None = None
    """Takes the place of all tools, in the words of the event's API format; empty: no tools."""

    def __post_init__(self) -> None:
        for key in self.parameters or {}:
            if key.partition(".")[0] in _FIELDS:
                raise ConfigError(
                    f"ReplayOverrides: {key!r} is no parameter; give it as {key.partition('.')[0]}="
                )
        for name in ("parameters", "messages", "tools"):
            _refuse_other_than_json(name, getattr(self, name))

    @classmethod
    def of(cls, configuration: ReplayOverrides | Mapping[str, Json]) -> ReplayOverrides:
        """The overrides that a configuration is: `{"provider": …, "model": …, "parameters": …}`.

        Raises:
            ConfigError: It has other keys, or a provider without a model.
        """
        if isinstance(configuration, ReplayOverrides):
            return configuration
        unknown = [key for key in configuration if key not in _CONFIGURATION]
        if unknown:
            known = ", ".join(_CONFIGURATION)
            raise ConfigError(f"configuration: unknown key {unknown[0]!r}; known keys: {known}")
        return cls._told(dict(configuration))

    @classmethod
    def _told(cls, told: dict[str, Json]) -> Self:
        provider, model = told.pop("provider", None), told.get("model")
        if provider is not None:
            if not isinstance(model, str):
                raise ConfigError(f"configuration: provider {provider!r} needs a model")
            told["model"] = f"{provider}/{model}"
        return cls(**told)  # type: ignore[arg-type]  # what is no JSON of its kind is refused there

    def asked(self, event: Event) -> Event:
        """The event, asking what it asks now: with other messages and tools."""
        if self.messages is None and self.tools is None:
            return event
        body = dict(recorded_body(event) or ({"model": event.model} if event.model else {}))
        if self.messages is not None:
            body[_MESSAGES.get(event.api, "messages")] = [dict(one) for one in self.messages]
        if self.tools is not None:
            key = "toolConfig" if event.api == "converse" else "tools"
            tools: list[Json] = [dict(one) for one in self.tools]
            body.pop(key, None)
            if tools:
                body[key] = {"tools": tools} if key == "toolConfig" else tools
        request = replace(event.exchange.request, body=JsonBody(value=body))
        return replace(event, exchange=replace(event.exchange, request=request))


def _refuse_other_than_json(name: str, value: object) -> None:
    try:
        json.dumps(_plain(value), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"ReplayOverrides: {name} is no JSON: {error}") from None


def _plain(value: object) -> object:
    """With lists and dicts where other kinds of sequence or mapping stand on top."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value
