"""What an answer says and asks for, as several checks look at it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from json import JSONDecoder
from typing import Self

from pytest_llmreplay.event import Json, Response, ToolCallPart
from pytest_llmreplay.event.strict_json import STRICT_JSON

from .arguments import canonical
from .content import calls_of, media_of, texts_of
from .differences import normalized

__all__ = ["AnswerView", "CallKey", "JsonAnswer", "call_key", "json_answer"]

_FENCE = re.compile(r"```(?:json)?[ \t]*\n(.*?)\n?```", re.DOTALL | re.IGNORECASE)

CallKey = tuple[str, str]
"""Name and canonical arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonAnswer:
    """What the words of an answer are, read as JSON."""

    value: Json = None
    fenced: bool = False
    """Whether it stands in a Markdown code fence."""
    problem: str | None = None
    """Why it is no JSON."""


def json_answer(text: str, decoder: JSONDecoder = STRICT_JSON) -> JsonAnswer:
    """Read the words of an answer."""
    fence = _FENCE.fullmatch(text.strip())
    try:
        value = decoder.decode(fence[1] if fence else text)
    except (ValueError, RecursionError) as error:
        shown = normalized(str(error))
        return JsonAnswer(problem=f"no JSON: {shown}" if text.strip() else "no words")
    return JsonAnswer(value=value, fenced=fence is not None)


def call_key(call: ToolCallPart) -> CallKey:
    """What two calls of the same function with equal arguments have in common."""
    return call.name, canonical(call.arguments or {})


class AnswerView:
    """One answer; views that few checks ask for are worked out when the first of them does.

    Args:
        response: The answer.
    """

    def __init__(self, response: Response) -> None:
        self.texts = texts_of(response)
        """The words of each choice."""
        self.calls = calls_of(response)
        """Functions that the choices ask for, in their order."""
        self.media = media_of(response)
        """Pictures, sounds and files, each as what tells it from another."""
        self.left = response.truncated
        """Whether more would have come, had its reader not left."""
        if self.left:
            self.calls = tuple(call for call in self.calls if isinstance(call.arguments, dict))

    @classmethod
    def as_far_as(cls, read: AnswerView, response: Response) -> Self:
        """As much of an answer as was read of another one, whose reader left."""
        view = cls(response)
        both = zip(view.texts, read.texts, strict=False)
        view.texts = tuple(text[: len(words)] for text, words in both)
        view.calls = view.calls[: len(read.calls)]
        view.media = view.media[: len(read.media)]
        return view

    @cached_property
    def normalized(self) -> tuple[str, ...]:
        """The words of each choice without differences that nobody reads."""
        return tuple(map(normalized, self.texts))

    @cached_property
    def json(self) -> tuple[JsonAnswer, ...]:
        """The words of each choice, read as JSON."""
        return tuple(map(json_answer, self.texts))

    @cached_property
    def call_keys(self) -> tuple[CallKey, ...]:
        """What tells each of the calls from others."""
        return tuple(map(call_key, self.calls))

    @cached_property
    def sorted_calls(self) -> tuple[CallKey, ...]:
        """The keys of the calls, sorted."""
        return tuple(sorted(self.call_keys))
