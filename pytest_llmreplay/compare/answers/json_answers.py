"""Answers that are JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass
from json import JSONDecoder

from pytest_llmreplay.event import Json
from pytest_llmreplay.event.strict_json import STRICT_JSON

from .differences import normalized

__all__ = ["JsonAnswer", "json_answer"]

_FENCE = re.compile(r"```(?:json)?[ \t]*\n(.*?)\n?```", re.DOTALL | re.IGNORECASE)


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
