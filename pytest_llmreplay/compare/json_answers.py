"""Answers that are JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from pytest_llmreplay.event import Json

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


def json_answer(text: str) -> JsonAnswer:
    """Read the words of an answer."""
    fence = _FENCE.fullmatch(text.strip())
    try:
        value = _decode(fence[1] if fence else text)
    except (ValueError, RecursionError) as error:
        shown = normalized(str(error))
        return JsonAnswer(problem=f"no JSON: {shown}" if text.strip() else "no words")
    return JsonAnswer(value=value, fenced=fence is not None)


def _refused(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON")


_decode = json.JSONDecoder(parse_constant=_refused).decode
