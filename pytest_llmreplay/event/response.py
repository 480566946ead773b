"""What was answered, in neutral terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .embedding import EmbeddingOutput
from .exchange import Json
from .message import Message, Part, RefusalPart, TextPart, ToolCallPart

__all__ = ["Choice", "FinishReason", "Response", "ResponseError", "Usage"]

FinishReason = Literal["stop", "length", "content_filter", "tool_call", "compaction", "error"]
"""Class of ending, in the words of the OpenTelemetry GenAI conventions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one call, totals inclusive; `None` is unknown, never zero."""

    input_tokens: int | None = None
    """Everything the model read, cached tokens included."""
    output_tokens: int | None = None
    """Everything the model wrote, reasoning included."""
    cache_read_input_tokens: int | None = None
    cache_write_input_tokens: int | None = None
    reasoning_output_tokens: int | None = None
    cost: float | None = None
    """USD, where the provider reports it, or the price of its target is written down."""
    raw: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseError:
    """The error that a provider answered with."""

    status: int | None
    type: str | None
    message: str
    raw: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the alternatives of an answer; nearly always the only one."""

    message: Message
    finish_reason: FinishReason | None
    finish_raw: str | None = None
    """The provider's own word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What was answered, in neutral terms."""

    id: str | None = None
    model: str | None = None
    choices: tuple[Choice, ...] = ()
    usage: Usage = field(default_factory=Usage)
    error: ResponseError | None = None
    truncated: bool = False
    """The stream stopped before the protocol's own end."""
    embedding: EmbeddingOutput | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Parts of the first choice."""
        return self.choices[0].message.parts if self.choices else ()

    @property
    def text(self) -> str:
        """All words of the first choice."""
        return "".join(part.content for part in self.parts if isinstance(part, TextPart))

    @property
    def tool_calls(self) -> tuple[ToolCallPart, ...]:
        """Functions the first choice asks for."""
        return tuple(part for part in self.parts if isinstance(part, ToolCallPart))

    @property
    def refusal(self) -> str | None:
        """The provider's own sign of a refusal, if any choice has one."""
        parts = (part for choice in self.choices for part in choice.message.parts)
        refusals = [part.content for part in parts if isinstance(part, RefusalPart)]
        return "".join(refusals) if refusals else None

    @property
    def finish_reason(self) -> FinishReason | None:
        """Class of ending of the first choice."""
        return self.choices[0].finish_reason if self.choices else None

    @property
    def finish_reasons(self) -> tuple[FinishReason, ...]:
        """Class of ending of each choice; `error` where none is told."""
        return tuple(choice.finish_reason or "error" for choice in self.choices)
