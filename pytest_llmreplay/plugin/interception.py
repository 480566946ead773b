"""Puts the capture into the HTTP libraries, and guards what belongs to no cassette."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import ClassVar, Final, NoReturn

import pytest

from pytest_llmreplay.capture.active import possible_tapes, set_outside
from pytest_llmreplay.capture.install import install, uninstall
from pytest_llmreplay.capture.processes.answering import answer_inside
from pytest_llmreplay.capture.sockets import unwatch, watch
from pytest_llmreplay.capture.tape import RawRequest, Tape
from pytest_llmreplay.playback.misses.frames import user_frame
from pytest_llmreplay.playback.stamps.stamp import latest_step
from pytest_llmreplay.plugin.recording.failing import Readable
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.providers.endpoints.calls import is_llm_call, is_llm_host
from pytest_llmreplay.report.text.sanitise import safe_line

from .as_typed import relative
from .failures import LlmFailure

__all__ = ["Guard", "Interception"]


class Interception:
    """In force from its making until `stop`.

    Args:
        settings: The options of the run.
        here: Where pytest was started.

    Raises:
        CaptureUnsupported: An installed library moved a name that the capture patches.
    """

    def __init__(self, settings: Settings, here: Path) -> None:
        self._hosts = settings.hosts
        self._begin()
        self._outside = set_outside(None)
        self._refused: list[LlmFailure] = []
        set_outside(Guard(here, self._refused) if settings.guard else self._outside)
        _IN_FORCE.append(self)

    def stop(self) -> None:
        """Let all calls go where they went before.

        That is where a run around this one lets them go: tests of plugins run pytest inside.
        """
        _IN_FORCE.remove(self)
        set_outside(self._outside)
        if _IN_FORCE:
            _IN_FORCE[-1]._begin()  # noqa: SLF001 - one of its own kind
            return
        unwatch()
        uninstall()

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_setup(self) -> Generator[None, object, object]:
        """A refused call fails a test though code around it caught the failure."""
        return (yield from self._unhidden())

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        """As in its setup."""
        return (yield from self._unhidden())

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """As in its setup."""
        return (yield from self._unhidden())

    def _unhidden(self) -> Generator[None, object, object]:
        self._refused.clear()
        result = yield
        if self._refused:
            raise self._refused[0]
        return result

    def also(self, hosts: frozenset[str]) -> None:
        """Take calls to further hosts for LLM calls, too."""
        self._hosts |= hosts
        self._begin()

    def _begin(self) -> None:
        hosts = self._hosts
        install(partial(is_llm_call, hosts=hosts), failure=LlmFailure)
        answer_inside(latest_step)
        watch(partial(is_llm_host, hosts=hosts), offline=_is_offline, failure=_tripped)


_IN_FORCE: Final[list[Interception]] = []
"""The innermost of nested runs stands last."""


def _tripped(message: str) -> LlmFailure:
    """The failure of a connection, which its test remembers, should the code around hide it."""
    failure = LlmFailure(message)
    for tape in possible_tapes():
        if isinstance(tape, Readable):
            tape.note(failure)
    return failure


def _is_offline(tape: Tape) -> bool:
    """Whether no call may reach its own server while a tape is open."""
    return any(getattr(tape, name, False) for name in ("offline", "reroutes"))


class Guard:
    """Asked for calls that belong to no cassette, where `llm_guard` or `llm_autouse` is set.

    Args:
        here: Where pytest was started.
        refused: Gets the failures, should the code around a call hide them.
    """

    offline: ClassVar = True

    def __init__(self, here: Path, refused: list[LlmFailure]) -> None:
        self._here, self._refused = here, refused

    def route(self, request: RawRequest) -> NoReturn:
        """Fail the test that makes a call outside a cassette."""
        url = safe_line(request.url.partition("?")[0])
        failure = LlmFailure(
            f"LLM call outside a cassette: {request.method} {url}\n{self._caller()}"
            "llm_guard (implied by llm_autouse) lets none through. Mark the test with "
            "@pytest.mark.llm_cassette, or let it out with @pytest.mark.llm_cassette(mode='live')."
        )
        self._refused.append(failure)
        raise failure

    def _caller(self) -> str:
        """The line of the user's code from which the call came."""
        if (frame := user_frame()) is None:
            return ""
        file = relative(Path(frame.file), self._here)
        return safe_line(f"from {file}:{frame.line} in {frame.function}") + "\n"
