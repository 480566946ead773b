"""The neutral view of a conversation: messages made of parts.

Names follow the OpenTelemetry GenAI conventions
(https://github.com/open-telemetry/semantic-conventions-genai). `extra` keeps every key of the
provider that no field here names, so decoding drops nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from .exchange import Json

__all__ = [
    "BlobPart",
    "CompactionPart",
    "FilePart",
    "Message",
    "Part",
    "ReasoningPart",
    "RefusalPart",
    "Role",
    "ServerToolCallPart",
    "ServerToolCallResponsePart",
    "TextPart",
    "Tool",
    "ToolCallPart",
    "ToolCallResponsePart",
    "ToolChoice",
    "UnknownPart",
    "UriPart",
]

Role = Literal["system", "developer", "user", "assistant", "tool"]
Modality = Literal["image", "audio", "video", "document"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    extra: Mapping[str, Json] = field(default_factory=dict)
    """Keys of the provider that no other field names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart(_Part):
    """Words that were said."""

    content: str
    annotations: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningPart(_Part):
    """What a model thought before it answered."""

    content: str
    signature: str | None = None
    encrypted: str | None = None
    format: str | None = None
    """Who may get it back: `anthropic`, `openai-responses`, `google`, `deepseek`, `tag` …"""
    id: str | None = None
    summary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalPart(_Part):
    """The provider's own sign that the model refused."""

    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallPart(_Part):
    """The model asks for a function of the application."""

    name: str
    arguments: Json
    """Parsed; the raw text itself where it is not a JSON object."""
    id: str | None = None
    arguments_raw: str | None = None
    """The text as sent, where re-serialising `arguments` would not give it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallResponsePart(_Part):
    """What the application's function answered."""

    response: tuple[Part, ...]
    id: str | None = None
    name: str | None = None
    is_error: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobPart(_Part):
    """Media sent inline."""

    modality: Modality
    content: str
    """Base64."""
    mime_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UriPart(_Part):
    """Media named by a URL."""

    modality: Modality
    uri: str
    mime_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart(_Part):
    """Media that the provider stores."""

    modality: Modality
    file_id: str
    mime_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerToolCallPart(_Part):
    """The model used a tool that the provider runs."""

    name: str
    raw: Json
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerToolCallResponsePart(_Part):
    """What a tool of the provider answered."""

    raw: Json
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactionPart(_Part):
    """History that the provider folded together."""

    content: str | None = None
    encrypted: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownPart(_Part):
    """A kind of part that is not known here; kept whole."""

    type: str
    raw: Json


Part: TypeAlias = (
    TextPart
    | ReasoningPart
    | RefusalPart
    | ToolCallPart
    | ToolCallResponsePart
    | BlobPart
    | UriPart
    | FilePart
    | ServerToolCallPart
    | ServerToolCallResponsePart
    | CompactionPart
    | UnknownPart
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn's contribution of one role."""

    role: Role
    parts: tuple[Part, ...]
    name: str | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool offered to the model: a function of the application, or one the provider hosts."""

    kind: str
    """`function`, or the provider's name of the hosted tool."""
    name: str
    description: str | None = None
    parameters: Json = None
    """JSON Schema of a function's arguments."""
    strict: bool | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolChoice:
    """Whether and which tool the model may use."""

    mode: Literal["auto", "none", "required", "tool", "allowed"]
    names: tuple[str, ...] = ()
    raw: Json = None
