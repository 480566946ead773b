"""Starts the recording side when it is needed, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.plugin.settings.misspelt_keys import (
    refuse_misspelt_keys,
    refuse_misspelt_keys_in,
)
from pytest_llmreplay.plugin.settings.settings import Settings

from .notices import hear
from .uses import RECORDING

if TYPE_CHECKING:
    from pytest_llmreplay.plugin.recording.hooks import Recording
    from pytest_llmreplay.plugin.rerouting.hooks import Rerouting

__all__ = ["start_guard", "start_recording", "stop_recording"]

_INTERCEPTION = "llmreplay-interception"
_WIDE_FIXTURES = "llmreplay-wide-fixtures"


def start_guard(config: pytest.Config) -> None:
    """Guard calls that test modules make while they are imported.

    Raises:
        pytest.UsageError: An option, ini key or installed library is not as it must be.
    """
    if _is_idle(config):
        return
    with _as_usage_error(config):
        _intercept(config, Settings.of(config))


def start_recording(session: pytest.Session) -> None:
    """Give cassettes to the collected tests that have them.

    Raises:
        pytest.UsageError: An option, ini key or installed library is not as it must be.
    """
    if _is_idle(session.config):
        return
    with _as_usage_error(session.config):
        refuse_misspelt_keys(session.config)
        files = {item.path for item in session.items}
        settings = Settings.of(session.config).over(files)
        refuse_misspelt_keys_in(session.config, settings.projects.own_files(files))
        _start(session, settings)


def stop_recording(config: pytest.Config) -> None:
    """Take everything away that was started."""
    config.pluginmanager.unregister(name=_WIDE_FIXTURES)
    for name in (RECORDING, _INTERCEPTION):
        started = config.pluginmanager.unregister(name=name)
        if started is not None:
            started.stop()


def _is_idle(config: pytest.Config) -> bool:
    """Whether no test and no fixture runs, or the replay is at work instead."""
    plans = config.getoption("setupplan", default=False)
    return bool(config.getoption("llm_replay") or config.option.collectonly or plans)


def _start(session: pytest.Session, settings: Settings) -> None:
    _intercept(session.config, settings)
    started = _started(session, settings)
    session.config.pluginmanager.register(started, RECORDING)
    session.config.pluginmanager.register(started.wide_fixtures, _WIDE_FIXTURES)


def _started(session: pytest.Session, settings: Settings) -> Recording | Rerouting:
    if settings.replay_tests:
        from pytest_llmreplay.plugin.rerouting.hooks import Rerouting  # noqa: PLC0415 - imports the stage of replay

        return Rerouting(session.config, settings, session.items)
    from pytest_llmreplay.plugin.recording.hooks import Recording  # noqa: PLC0415 - imports the stages of capture and playback

    hear(session.config)
    return Recording(session.config, settings, session.items)


def _intercept(config: pytest.Config, settings: Settings) -> None:
    from .interception import Interception  # noqa: PLC0415 - imports the stage of capture

    guarding = config.pluginmanager.get_plugin(_INTERCEPTION)
    if isinstance(guarding, Interception):
        guarding.also(settings.hosts)
    else:
        interception = Interception(settings, config.invocation_params.dir)
        config.pluginmanager.register(interception, _INTERCEPTION)


@contextmanager
def _as_usage_error(config: pytest.Config) -> Iterator[None]:
    try:
        yield
    except LlmReplayError as error:
        from .as_typed import refused  # noqa: PLC0415 - only errors pay

        raise refused(config, error) from None
