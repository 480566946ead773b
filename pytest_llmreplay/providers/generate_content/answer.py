"""Reading the plain answer of generateContent.

https://ai.google.dev/api/generate-content#generatecontentresponse
"""

from __future__ import annotations

from pytest_llmreplay.event import (
    Choice,
    FinishReason,
    Json,
    Message,
    Part,
    RefusalPart,
    Response,
    UnknownPart,
)
from pytest_llmreplay.providers.answers.envelope import ended_for_calls, take_counts
from pytest_llmreplay.providers.fields import as_int, as_text
from pytest_llmreplay.providers.google_format import Names

from .parts import read_part
from .usage import read_usage

__all__ = ["BLOCKED", "REFUSED", "WHOLE_CANDIDATE", "finish_class", "finish_word", "read_answer"]

WHOLE_CANDIDATE = "candidate"
"""Type of an unknown part that is a candidate as a whole."""
BLOCKED = "blockReason"
"""In `extra` of a refusal that was told for the prompt: there is no candidate then."""
REFUSED = "finishReason"
"""In `extra` of a refusal that a finish reason tells."""

_FINISH: dict[str, FinishReason] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "CONTINUATION": "length",  # the rest is asked for with `continuationToken`
    **dict.fromkeys(
        (
            *("SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"),
            *("MODEL_ARMOR", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"),
            *("ESCALATION", "PUP_LIMITED_DISABLED"),
        ),
        "content_filter",
    ),
    **dict.fromkeys(
        (
            *("OTHER", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"),
            *("MALFORMED_RESPONSE", "MISSING_THOUGHT_SIGNATURE", "IMAGE_OTHER", "NO_IMAGE"),
        ),
        "error",
    ),
}
_NUMBERED = {0: None, 1: "STOP", 2: "MAX_TOKENS", 3: "SAFETY", 4: "RECITATION", 5: "OTHER"}
"""Finish reasons as Google's clients for REST ask for them: `$alt=json;enum-encoding=int`.

From 6 on a number means one thing to Gemini's API and another to Vertex:
https://github.com/googleapis/googleapis, `Candidate.FinishReason` of both.
"""
_SAYS = ("candidates", "promptFeedback", "usageMetadata")


def finish_class(word: str | None, parts: tuple[Part, ...]) -> FinishReason | None:
    """The class of a finish reason; `STOP` also ends an answer that asks for functions."""
    return ended_for_calls(_FINISH.get(word or ""), parts)


def finish_word(value: Json) -> str | None:
    """The finish reason that a candidate tells, by its word or its number."""
    number = as_int(value)
    return as_text(value) if number is None else _NUMBERED.get(number, str(number))


def read_answer(body: dict[str, Json]) -> Response | None:
    """The neutral answer; `None` when the body has neither candidates nor word of them."""
    names = Names(body)
    if not any(isinstance(names.rest.get(key), list | dict) for key in _SAYS):
        return None
    usage = take_counts(names, "usageMetadata", read_usage)
    choices: tuple[Choice, ...] = ()
    if isinstance(candidates := names.rest.get("candidates"), list):
        read = [_read_candidate(candidate) for candidate in candidates]
        names.rest["candidates"] = [rest for _, rest in read]
        choices = tuple(choice for choice, _ in read)
    return Response(
        id=names.text("responseId"),
        model=names.text("modelVersion"),
        choices=choices or _blocked(names.rest.get("promptFeedback")),
        usage=usage,
        extra=names.left(),
    )


def _read_candidate(value: Json) -> tuple[Choice, Json]:
    if not isinstance(value, dict):
        whole = UnknownPart(type=WHOLE_CANDIDATE, raw=value)
        return Choice(message=_answer_of((whole,)), finish_reason=None), None
    names = Names(value)
    parts = _read_content(names)
    word = finish_word(names.rest.get("finishReason"))
    names.text("finishReason")  # a number stays
    finish = finish_class(word, parts)
    if finish == "content_filter":
        message = as_text(names.rest.get("finishMessage")) or f"finishReason: {word}"
        parts += (RefusalPart(content=message, extra={REFUSED: word}),)
    return Choice(message=_answer_of(parts), finish_reason=finish, finish_raw=word), names.left()


def _read_content(names: Names) -> tuple[Part, ...]:
    """The parts; what stands around them stays."""
    content = Names(names.rest.get("content"))
    if not isinstance(parts := content.rest.get("parts"), list):
        return ()
    content.rest["parts"] = []
    names.rest["content"] = content.left()
    return tuple(read_part(part) for part in parts)


def _answer_of(parts: tuple[Part, ...]) -> Message:
    return Message(role="assistant", parts=parts)


def _blocked(feedback: Json) -> tuple[Choice, ...]:
    """The refusal that stands for the answer to a prompt that was blocked."""
    reasons = Names(feedback).rest
    word = as_text(reasons.get("blockReason"))
    if word is None:
        return ()
    words = as_text(reasons.get("blockReasonMessage")) or f"blockReason: {word}"
    refusal = RefusalPart(content=words, extra={BLOCKED: word})
    return (
        Choice(message=_answer_of((refusal,)), finish_reason="content_filter", finish_raw=word),
    )
