"""Tapes that record nothing: the guard outside cassettes, and the way out for one test."""

from __future__ import annotations

from typing import ClassVar, NoReturn

from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.report.sanitise import safe_line

from .failures import LlmFailure

__all__ = ["Guard", "LetPass"]


class Guard:
    """Asked for calls that belong to no cassette, where `llm_guard` or `llm_autouse` is set."""

    offline: ClassVar = True

    def route(self, request: RawRequest) -> NoReturn:
        """Refuse the call."""
        url = safe_line(request.url.partition("?")[0])
        raise LlmFailure(
            f"LLM call outside a cassette: {request.method} {url}\n"
            "llm_guard (implied by llm_autouse) lets none through. Mark the test with "
            "@pytest.mark.llm_cassette, or let it out with @pytest.mark.llm_cassette(mode='live')."
        )


class LetPass:
    """Open while a test with `mode="live"` runs."""

    offline: ClassVar = False
    lets_pass: ClassVar = True

    def route(self, request: RawRequest) -> None:  # noqa: ARG002 - every call is let through
        """Leave the call alone."""
        return
