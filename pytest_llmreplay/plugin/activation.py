"""Starts the recording side when it is needed, and only then."""

from __future__ import annotations

import pytest

from pytest_llmreplay.errors import LlmReplayError

from .settings import Settings

__all__ = ["RECORDING", "start_recording", "stop_recording"]

RECORDING = "llmreplay-recording"
"""Name under which the running `Recording` is registered."""


def start_recording(session: pytest.Session) -> None:
    """Install the capture if a collected test has a cassette, or if calls are guarded.

    Raises:
        pytest.UsageError: An option, ini key or installed library is not as it must be.
    """
    config = session.config
    if config.getoption("llm_replay") or config.option.collectonly:
        return
    try:
        settings = Settings.of(config)
        _start(session, settings)
    except LlmReplayError as error:
        raise pytest.UsageError(str(error)) from None


def stop_recording(config: pytest.Config) -> None:
    """Take the capture away, if it was installed."""
    recording = config.pluginmanager.unregister(name=RECORDING)
    if recording is not None:
        recording.stop()


def _start(session: pytest.Session, settings: Settings) -> None:
    from .markers import uses_cassette  # noqa: PLC0415 - only runs that collect pay

    used = any(uses_cassette(item, settings) for item in session.items)
    if not used and not settings.guard:
        return
    from .recording import Recording  # noqa: PLC0415 - imports the stages of capture and playback

    recording = Recording(session.config, settings)
    session.config.pluginmanager.register(recording, RECORDING)
