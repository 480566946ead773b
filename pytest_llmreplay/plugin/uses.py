"""Which tests have a cassette: asked of every collected test, so nothing else is imported here."""

from __future__ import annotations

import pytest

from .settings import Settings

__all__ = ["MARKER", "uses_cassette"]

MARKER = "llm_cassette"
"""Name of the marker and of the fixture."""


def uses_cassette(item: pytest.Item, settings: Settings) -> bool:
    """Whether a test has a cassette: by marker, by fixture, or because all have one."""
    return (
        settings.autouse
        or item.get_closest_marker(MARKER) is not None
        or MARKER in getattr(item, "fixturenames", ())
    )
