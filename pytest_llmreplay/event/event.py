"""An event: one LLM call, with the wire's truth and the neutral view derived from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

from .embedding import EmbeddingInput, EmbeddingOutput
from .exchange import Exchange, Json
from .message import Message, Part, RefusalPart, TextPart, Tool, ToolCallPart, ToolChoice

__all__ = [
    "Attempt",
    "Choice",
    "Decoder",
    "Event",
    "FinishReason",
    "Measured",
    "Origin",
    "OutputFormat",
    "Reasoning",
    "Request",
    "Response",
    "ResponseError",
    "Session",
    "Usage",
]

FinishReason = Literal["stop", "length", "content_filter", "tool_call", "compaction", "error"]
"""Class of ending, in the words of the OpenTelemetry GenAI conventions."""

Origin = Literal["wire", "reconstructed"]
"""How an imported event came about.

* wire: its bodies are what went over the wire.
* reconstructed: they were put together from what a log tells.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Events that belong together."""

    id: str | None = None
    name: str | None = None
    path: str | None = None
    """Place in the tree of a session, as `/debate/climate-change`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A try that the SDK made and repeated."""

    status: int | None
    """HTTP status; none when no answer came."""
    duration: float
    """Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What differs on every recording of the same call."""

    at: str | None = None
    """When the request was sent: ISO 8601, UTC, milliseconds."""
    model: str | None = None
    """The model that answered, as the provider named it."""
    request_id: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    duration: float | None = None
    """Seconds from sending the request to the end of the answer."""
    time_to_first_chunk: float | None = None
    """Seconds from sending the request to the first piece of the answer."""
    attempts: tuple[Attempt, ...] = ()
    """Earlier tries of the same call, which the SDK repeated."""


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
        said = [part.content for part in parts if isinstance(part, RefusalPart)]
        return "".join(said) if said else None

    @property
    def finish_reason(self) -> FinishReason | None:
        """Class of ending of the first choice."""
        return self.choices[0].finish_reason if self.choices else None


class Decoder(Protocol):
    """Derives the neutral view from the wire: an API format of `providers`."""

    def request(self, exchange: Exchange, /) -> Request:
        """The neutral request; never raises."""
        ...

    def response(self, exchange: Exchange, /) -> Response:
        """The neutral answer; what cannot be decoded becomes its `error`."""
        ...


@dataclass(frozen=True, kw_only=True)
class Event:
    """One LLM call.

    The exchange is the truth. `request`, `response` and `usage` are derived from it when they
    are first asked for.
    """

    number: int
    """Place in its cassette, counted from 1 in the order of sending."""
    provider: str
    model: str | None
    """The model that was asked for."""
    api: str
    """`chat_completions`, `messages` …, or `other` for a call of an LLM host in no known format."""
    exchange: Exchange
    decoder: Decoder = field(repr=False, compare=False)
    name: str | None = None
    """Prompt name."""
    session: Session | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    measured: Measured = field(default_factory=Measured)
    checks: tuple[str, ...] | None = None
    """Checks written in the event by hand; they take the place of the header's."""
    origin: Origin | None = None
    """How it was imported; none of an event that was recorded."""

    @cached_property
    def request(self) -> Request:
        """What was asked, in neutral terms."""
        return self.decoder.request(self.exchange)

    @cached_property
    def response(self) -> Response:
        """What was answered, in neutral terms."""
        return self.decoder.response(self.exchange)

    def decoded_as(self, response: Response) -> Event:
        """This event, with an answer that was decoded from its very exchange before."""
        vars(self)["response"] = response  # where cached_property keeps it
        return self

    @property
    def usage(self) -> Usage:
        """Tokens and reported cost."""
        return self.response.usage

    @property
    def label(self) -> str:
        """Number and prompt name, as node ids write it: `0002-assistant-argument`."""
        return f"{self.number:04d}-{self.name}" if self.name else f"{self.number:04d}"
