"""The fixture `llm_cassette`: what a test sees of its cassette."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.event import Event
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.playback.stamps.stamp import step
from pytest_llmreplay.plugin.uses import RECORDING

from .hooks import Recording

__all__ = ["LlmCassette", "cassette_of"]


class LlmCassette:
    """The cassette that is open for a test.

    Args:
        opened: The cassette; none where the marker says `mode="live"`.
    """

    def __init__(self, opened: OpenCassette | None) -> None:
        self._opened = opened

    @property
    def path(self) -> Path | None:
        """Where the cassette is, or will be; none in a test that runs live."""
        return self._opened.place.path if self._opened else None

    @property
    def events(self) -> Sequence[Event]:
        """The calls of this test so far, played and recorded, in the order of sending."""
        return self._opened.events_so_far() if self._opened else ()

    def step(
        self, prompt: str | None = None, path: str | None = None, **labels: str
    ) -> AbstractContextManager[None]:
        """Name the calls that are made inside.

        Args:
            prompt: Prompt name; it becomes part of the replay's node id.
            path: Place in the session, as `/debate/climate-change`.
            labels: Whatever else helps to find these events again.

        Raises:
            ConfigError: A name or a path is no text.
        """
        for name, given in (("prompt", prompt), ("path", path)):
            _refuse_no_text(name, given)
        return step(
            prompt=prompt, path=path, labels={key: str(value) for key, value in labels.items()}
        )


def _refuse_no_text(name: str, given: object) -> None:
    """Refuse what no cassette can hold before any call is paid for."""
    if not isinstance(given, str | None):
        raise ConfigError(f"llm_cassette.step({name}=…): {given!r} is not a string")


def cassette_of(request: pytest.FixtureRequest) -> LlmCassette:
    """The cassette of the test that asks."""
    recording = request.config.pluginmanager.get_plugin(RECORDING)
    opened = recording.cassette_of(request.node) if isinstance(recording, Recording) else None
    return LlmCassette(opened)
