"""Events as the tests of comparing and reporting write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from pytest_llmreplay.event import (
    Choice,
    Event,
    Exchange,
    HttpRequest,
    HttpResponse,
    Measured,
    Message,
    Part,
    RefusalPart,
    Request,
    Response,
    Session,
    TextPart,
    ToolCallPart,
    Usage,
)

MakeEvent = Callable[..., Event]


@dataclass(frozen=True)
class Ready:
    """A decoder of calls that are decoded already."""

    asked: Request
    answered: Response

    def request(self, _exchange: Exchange) -> Request:
        """The request."""
        return self.asked

    def response(self, _exchange: Exchange) -> Response:
        """The answer."""
        return self.answered


def make_event(
    text: str | None = "Yes.",
    *,
    calls: Sequence[tuple[str, Any]] = (),
    refusal: str | None = None,
    finish: str | None = "stop",
    parts: Sequence[Part] = (),
    tokens: tuple[int | None, int | None] = (100, 20),
    cost: float | None = None,
    duration: float | None = 0.5,
    first: float | None = None,
    model: str | None = "gpt-5-mini",
    answered_by: str | None = None,
    provider: str = "openai",
    url: str = "https://api.openai.com/v1/chat/completions",
    request: dict[str, Any] | None = None,
    response: dict[str, Any] | None = None,
    **fields: Any,
) -> Event:
    """An event that answers with these words and calls."""
    said: list[Part] = [TextPart(content=text)] if text is not None else []
    said += [ToolCallPart(name=name, arguments=arguments) for name, arguments in calls]
    said += [RefusalPart(content=refusal)] if refusal is not None else []
    said += parts
    message = Message(role="assistant", parts=tuple(said))
    answer = {
        "model": answered_by or model,
        "choices": (Choice(message=message, finish_reason=finish, finish_raw=finish),),  # type: ignore[arg-type]  # any ending, known or not
        "usage": Usage(input_tokens=tokens[0], output_tokens=tokens[1], cost=cost),
    } | (response or {})
    exchange = Exchange(
        request=HttpRequest(method="POST", url=url), response=HttpResponse(status=200)
    )
    given: dict[str, Any] = {
        "number": 2,
        "provider": provider,
        "model": model,
        "api": "chat_completions",
        "exchange": exchange,
        "decoder": Ready(Request(model=model, **(request or {})), Response(**answer)),
        "measured": Measured(
            at="2026-11-20T17:00:00.412Z", duration=duration, time_to_first_chunk=first
        ),
        "session": Session(name="Refund agent"),
    }
    return Event(**(given | fields))


@pytest.fixture
def event() -> MakeEvent:
    """Make an event that answers with some words and calls."""
    return make_event
