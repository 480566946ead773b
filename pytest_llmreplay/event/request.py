"""What was asked, in neutral terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .embedding import EmbeddingInput
from .exchange import Json
from .message import Message, Part, Tool, ToolChoice

__all__ = ["OutputFormat", "Reasoning", "Request"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoning:
    """How much a model is asked to think before it answers."""

    effort: str | None = None
    """`none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`, or the provider's own word."""
    budget_tokens: int | None = None
    mode: Literal["disabled", "enabled", "adaptive"] | None = None
    """Anthropic's word for whether the model thinks, and who decides how long."""
    summary: str | None = None
    """Which account of its thoughts is asked for."""
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFormat:
    """The shape in which an answer is asked for."""

    type: Literal["text", "json_object", "json_schema"]
    schema: Json = None
    """JSON Schema that the answer is to follow."""
    name: str | None = None
    description: str | None = None
    strict: bool | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked, in neutral terms."""

    model: str | None
    stream: bool = False
    system_instructions: tuple[Part, ...] = ()
    """Only what was sent apart from the messages."""
    messages: tuple[Message, ...] = ()
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None
    stop_sequences: tuple[str, ...] = ()
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    choice_count: int | None = None
    reasoning: Reasoning | None = None
    output: OutputFormat | None = None
    verbosity: str | None = None
    user: str | None = None
    """Whom the application asks for: OpenAI's `user` or `safety_identifier`, Anthropic's
    `metadata.user_id`."""
    service_tier: str | None = None
    embedding: EmbeddingInput | None = None
    """What is to be turned into vectors; only of a call that asks for them."""
    extra: Mapping[str, Json] = field(default_factory=dict)

    @property
    def output_schema(self) -> Json:
        """JSON Schema that the answer was asked to follow."""
        return self.output.schema if self.output else None
