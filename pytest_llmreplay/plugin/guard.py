"""The guard: lets no LLM call out that belongs to no cassette."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, NoReturn

from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.playback.misses.frames import user_frame
from pytest_llmreplay.report.text.sanitise import safe_line

from .as_typed import relative
from .failures import LlmFailure

__all__ = ["Guard"]


class Guard:
    """Asked for calls that belong to no cassette, where `llm_guard` or `llm_autouse` is set.

    Args:
        here: Where pytest was started.
    """

    offline: ClassVar = True

    def __init__(self, here: Path) -> None:
        self._here = here

    def route(self, request: RawRequest) -> NoReturn:
        """Fail the test that makes a call outside a cassette."""
        url = safe_line(request.url.partition("?")[0])
        raise LlmFailure(
            f"LLM call outside a cassette: {request.method} {url}\n{self._caller()}"
            "llm_guard (implied by llm_autouse) lets none through. Mark the test with "
            "@pytest.mark.llm_cassette, or let it out with @pytest.mark.llm_cassette(mode='live')."
        )

    def _caller(self) -> str:
        """The line of the user's code from which the call came."""
        if (frame := user_frame()) is None:
            return ""
        file = relative(Path(frame.file), self._here)
        return safe_line(f"from {file}:{frame.line} in {frame.function}") + "\n"
