"""Whether anything is wanted of the plugin; imports next to nothing, because every run asks."""

from __future__ import annotations

import pytest

from .ini_keys import ini_value

__all__ = ["MARKER", "RECORDING", "guards", "used_by", "uses_cassette"]

MARKER = "llm_cassette"
"""Name of the marker and of the fixture."""

_FIXTURES = frozenset({MARKER, "llm_server", "llm_shared_server"})
"""Names of the fixtures that give a test a cassette."""

RECORDING = "llmreplay-recording"
"""Name under which the running `Recording` is registered."""


def uses_cassette(item: pytest.Item, *, autouse: bool) -> bool:
    """Whether a test has a cassette: by marker, by fixture, or because all have one."""
    return (
        autouse
        or item.get_closest_marker(MARKER) is not None
        or not _FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
    )


def used_by(session: pytest.Session) -> bool:
    """Whether a collected test has a cassette."""
    autouse = bool(ini_value(session.config, "llm_autouse"))
    return any(uses_cassette(item, autouse=autouse) for item in session.items)


def guards(config: pytest.Config) -> bool:
    """Whether LLM calls outside a cassette fail."""
    return bool(ini_value(config, "llm_guard") or ini_value(config, "llm_autouse"))
