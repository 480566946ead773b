"""Answers made by hand, as a wire format is asked to write them."""

from __future__ import annotations

from typing import Any

from pytest_llmreplay.event import Choice, Message, Response


def made(*parts: Any, finish: Any = "stop", **more: Any) -> Response:
    """An answer of one choice with these parts; `more` are further fields of the response."""
    choice = Choice(message=Message(role="assistant", parts=parts), finish_reason=finish)
    return Response(model="m", choices=(choice,), **more)
