"""Scripted answers: what a demo or a test lets the model say, and when.

script = Script([
    Line(When(user="capital of France"), "Paris."),
    Line(When(user="weather"), calls=[("get_weather", {"city": "Paris"})]),
    Line(When(result="sunny"), "Take your sunglasses."),
])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pytest_llmreplay.event import (
    FinishReason,
    Json,
    Part,
    Request,
    TextPart,
    ToolCallResponsePart,
)

__all__ = ["Line", "Script", "When", "instructions", "last_turn"]


@dataclass(frozen=True, slots=True)
class When:
    """What a request must look like; every field that is given must hold."""

    user: str | None = None
    """The last message is the user's and contains this."""
    result: str | None = None
    """The last message brings a tool's answer that contains this."""
    system: str = ""
    """The instructions contain this."""
    model: str = "*"
    """Pattern of the model's name."""

    def __call__(self, request: Request) -> bool:
        """Whether a line of the script is for a request."""
        words, results = last_turn(request)
        return (
            fnmatchcase(request.model or "", self.model)
            and self.system in instructions(request)
            and (self.user is None or (not results and self.user in words))
            and (self.result is None or any(self.result in result for result in results))
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One answer, and the requests that get it.

    `calls` are pairs of a function's name and its arguments.
    """

    when: Callable[[Request], bool]
    text: str = ""
    calls: Sequence[tuple[str, Mapping[str, Json]]] = ()
    refusal: str = ""
    finish_reason: FinishReason | None = None
    """By default what the answer amounts to: `tool_call` after calls, else `stop`."""

    @property
    def ending(self) -> FinishReason:
        """The finish reason that is told."""
        return self.finish_reason or ("tool_call" if self.calls else "stop")


@dataclass(frozen=True, slots=True)
class Script:
    """Lines in order; a request gets the first one that is meant for it, as often as it asks."""

    lines: Sequence[Line]
    models: Mapping[str, str] = field(default_factory=dict)
    """Names that answer, by the name asked for: `{"gpt-5-mini": "gpt-5-mini-2026-08-14"}`."""
    first: float = 0.0
    """Seconds until the first piece of an answer."""
    per_token: float = 0.0
    """Seconds that each token of an answer takes."""
    created: int = 1_790_000_000
    """Unix time that the answers carry."""

    def line_for(self, request: Request) -> Line | None:
        """The line that is meant for a request."""
        return next((line for line in self.lines if line.when(request)), None)


def last_turn(request: Request) -> tuple[str, tuple[str, ...]]:
    """What the model is to react to: the user's last words, and tools' answers after them."""
    words, results = "", []
    for message in reversed(request.messages):
        if message.role not in {"user", "tool"}:
            break
        results += [_text(p.response) for p in message.parts if isinstance(p, ToolCallResponsePart)]
        words = _text(message.parts) + words
    return words, tuple(results)


def instructions(request: Request) -> str:
    """All that the application told the model beforehand."""
    texts = [_text(m.parts) for m in request.messages if m.role in {"system", "developer"}]
    return "\n".join([_text(request.system_instructions), *texts])


def _text(parts: Sequence[Part]) -> str:
    return "".join(part.content for part in parts if isinstance(part, TextPart))
