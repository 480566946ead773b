"""The turns of Google's interactions, which are steps."""

from __future__ import annotations

from itertools import groupby

from pytest_llmreplay.event import Json

__all__ = ["step", "steps_of"]

_TYPES = {"user": "user_input", "assistant": "model_output"}
_CONTENT = frozenset({"text", "image", "audio", "video", "document"})


def step(role: str, text: str) -> dict[str, Json]:
    """A step of words alone."""
    return {"type": _TYPES[role], "content": [{"type": "text", "text": text}]}


def steps_of(value: Json) -> list[Json]:
    """The steps of an input; words and content without steps are what the user says."""
    if isinstance(value, str):
        return [step("user", value)] if value else []
    items = value if isinstance(value, list) else [] if value is None else [value]
    steps: list[Json] = []
    for bare, run in groupby(items, _is_content):
        found = list(run)
        steps += [{"type": _TYPES["user"], "content": found}] if bare else found
    return steps


def _is_content(item: Json) -> bool:
    return isinstance(item, dict) and item.get("type") in _CONTENT
