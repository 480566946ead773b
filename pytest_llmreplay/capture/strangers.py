"""Refuses the LLM calls of a process that works for a test and does not know its tape."""

from __future__ import annotations

from typing import ClassVar, NoReturn

from .active import refusal
from .tape import RawRequest

__all__ = ["Stranger"]


class Stranger:
    """Open in such a process, for the length of a task."""

    offline: ClassVar = True

    def route(self, request: RawRequest) -> NoReturn:  # noqa: ARG002 - whichever it is
        """Refuse the call."""
        raise refusal(
            "LLM call of a process that does not know the cassette of its test\n"
            "It was started before the test, or not by fork. Start it in the test, by fork, or let "
            "it ask through the fixture llm_server."
        )
