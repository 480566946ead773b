"""Where the makers of models that continue a prompt write what these say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_llmreplay.event import FinishReason, Json

__all__ = [
    "COMMAND",
    "FINISH",
    "SHAPES",
    "Path",
    "Shape",
    "named",
    "reason_in",
    "shape_asked",
    "shape_of",
]

Path = tuple[str, ...]
"""Keys, from the outermost in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The answer of one maker's models."""

    answers: str = ""
    """Key of the list of answers; empty where the body is the only one."""
    text: Path
    """Of the words in an answer."""
    reason: Path
    """Of why it ended."""
    words: Mapping[FinishReason, str] = field(default_factory=dict)
    """What it says of endings; `stop` for all that are not here."""
    read: Path = ()
    """Of the count of tokens that were read, in the body."""
    written: Path = ()
    """Of the count of those that were written, in the body."""
    each_written: str = ""
    """The same, of one answer, where each tells its own."""
    indexed: bool = False
    """Whether a piece of a stream is one piece of one answer, which its `index` names."""
    streamed_as: Mapping[str, str] = field(default_factory=dict)
    """Keys of an answer that have another name in a piece."""


_REASONS = ("stop_reason", "finish_reason")
"""Servers that speak OpenAI's completions write either."""
_LENGTH: Mapping[FinishReason, str] = {"stop": "stop", "length": "length"}

TITAN = Shape(
    answers="results",
    text=("outputText",),
    reason=("completionReason",),
    words={"stop": "FINISH", "length": "LENGTH", "content_filter": "CONTENT_FILTERED"},
    read=("inputTextTokenCount",),
    each_written="tokenCount",
    indexed=True,
    streamed_as={"tokenCount": "totalOutputTextTokenCount"},
)
LLAMA = Shape(
    text=("generation",),
    reason=("stop_reason",),
    words=_LENGTH,
    read=("prompt_token_count",),
    written=("generation_token_count",),
)
CLAUDE = Shape(
    text=("completion",),
    reason=("stop_reason",),
    words={"stop": "stop_sequence", "length": "max_tokens"},
)
MISTRAL = Shape(answers="outputs", text=("text",), reason=("stop_reason",), words=_LENGTH)
COMMAND = Shape(
    answers="generations",
    text=("text",),
    reason=("finish_reason",),
    words={"stop": "COMPLETE", "length": "MAX_TOKENS", "content_filter": "ERROR_TOXIC"},
    read=("meta", "billed_units", "input_tokens"),
    written=("meta", "billed_units", "output_tokens"),
    indexed=True,
)
JURASSIC = Shape(
    answers="completions",
    text=("data", "text"),
    reason=("finishReason", "reason"),
    words={"stop": "endoftext", "length": "length"},
)
CHOICES = Shape(
    answers="choices",
    text=("text",),
    reason=("stop_reason",),
    words=_LENGTH,
    read=("usage", "prompt_tokens"),
    written=("usage", "completion_tokens"),
)
"""DeepSeek's and Writer's, and that of servers which speak OpenAI's completions."""

SHAPES = (TITAN, LLAMA, CLAUDE, MISTRAL, COMMAND, JURASSIC, CHOICES)

_ASKED = {
    "inputText": TITAN,
    "max_gen_len": LLAMA,
    "max_tokens_to_sample": CLAUDE,
    "maxTokens": JURASSIC,
    "num_generations": COMMAND,
}
"""Keys of requests that only one maker has."""
_MAKERS = {
    "meta.": LLAMA,
    "anthropic.": CLAUDE,
    "mistral.": MISTRAL,
    "cohere.": COMMAND,
    "ai21.": JURASSIC,
}

FINISH: Mapping[str, FinishReason] = {
    **dict.fromkeys(("finish", "finished", "complete", "stop", "stop_sequence"), "stop"),
    **dict.fromkeys(("stop_criteria_met", "endoftext", "eos_token", "eos"), "stop"),
    **dict.fromkeys(("length", "max_tokens", "model_length", "error_limit"), "length"),
    **dict.fromkeys(("content_filtered", "content_filter", "error_toxic"), "content_filter"),
    **dict.fromkeys(("error", "user_cancel"), "error"),
}
"""Classes of the words for endings, which makers write in capitals or not."""


def shape_of(body: Mapping[str, Json]) -> Shape | None:
    """The shape of an answer, also of what decoding left of it; none where it is no such answer."""
    return next((shape for shape in SHAPES if _has(shape, body)), None)


def shape_asked(body: Mapping[str, Json], model: str) -> Shape:
    """The shape in which a prompt is answered.

    Args:
        body: Of the request.
        model: That is asked: where no parameter does, its maker's name tells.
    """
    by_key = (shape for key, shape in _ASKED.items() if key in body)
    by_maker = (shape for maker, shape in _MAKERS.items() if maker in model)
    return next(by_key, None) or next(by_maker, CHOICES)


def named(value: Json, path: Path) -> Json:
    """What stands at a path; null where nothing does."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def reason_in(shape: Shape, answer: Json) -> Path:
    """Where an answer says why it ended."""
    names = [shape.reason, *((name,) for name in _REASONS if shape.reason[0] in _REASONS)]
    return next((path for path in names if isinstance(named(answer, path), str)), shape.reason)


def _has(shape: Shape, body: Mapping[str, Json]) -> bool:
    if not shape.answers:
        return isinstance(body.get(shape.text[0]), str)
    answers = body.get(shape.answers)
    return isinstance(answers, list) and (
        not answers or any(isinstance(named(one, shape.text), str) for one in answers)
    )
