"""What was said: frozen dataclasses without I/O, and without any third-party import.

`exchange` is the wire's truth; `request` and `response` say the same in neutral terms, in which
`message` has the parts of a conversation and `embedding` a call for vectors. `event` ties them
together.
"""

from .embedding import EmbeddingInput, EmbeddingOutput
from .event import Attempt, Decoder, Event, Measured, Origin, Session
from .exchange import (
    FIRST_ERROR,
    BinaryBody,
    Body,
    Chunk,
    Ended,
    Exchange,
    Failure,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    StreamBody,
    TextBody,
)
from .message import (
    BlobPart,
    CompactionPart,
    FilePart,
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    Role,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    TextPart,
    Tool,
    ToolCallPart,
    ToolCallResponsePart,
    ToolChoice,
    UnknownPart,
    UriPart,
)
from .request import OutputFormat, Reasoning, Request
from .response import Choice, FinishReason, Response, ResponseError, Usage

__all__ = [
    "FIRST_ERROR",
    "Attempt",
    "BinaryBody",
    "BlobPart",
    "Body",
    "Choice",
    "Chunk",
    "CompactionPart",
    "Decoder",
    "EmbeddingInput",
    "EmbeddingOutput",
    "Ended",
    "Event",
    "Exchange",
    "Failure",
    "FilePart",
    "FinishReason",
    "HttpRequest",
    "HttpResponse",
    "Json",
    "JsonBody",
    "Measured",
    "Message",
    "Origin",
    "OutputFormat",
    "Part",
    "Reasoning",
    "ReasoningPart",
    "RefusalPart",
    "Request",
    "Response",
    "ResponseError",
    "Role",
    "ServerToolCallPart",
    "ServerToolCallResponsePart",
    "Session",
    "StreamBody",
    "TextBody",
    "TextPart",
    "Tool",
    "ToolCallPart",
    "ToolCallResponsePart",
    "ToolChoice",
    "UnknownPart",
    "UriPart",
    "Usage",
]
