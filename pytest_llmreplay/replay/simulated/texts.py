"""Texts of answers said again, whether they are words or JSON."""

from __future__ import annotations

import json

from pytest_llmreplay.event import Json

from .dice import Dice
from .words import reworded

__all__ = ["at_length", "parsed", "reworded_text"]

_FREE_TEXT = 3  # words from which a JSON string counts as a sentence


def parsed(text: str) -> Json:
    """The object or list that a text is, if it is one."""
    try:
        value: Json = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, (dict, list)) else None


def reworded_text(text: str, dice: Dice) -> str:
    """The text in other words; of JSON, only the sentences in it."""
    value = parsed(text)
    if value is None:
        return reworded(text, dice) if text.strip() else text
    indent = 2 if "\n" in text.strip() else None
    return json.dumps(_reworded_values(value, dice), ensure_ascii=False, indent=indent)


def at_length(text: str, times: int, dice: Dice) -> str:
    """The text, said this many times in other words; JSON stays as it is."""
    if not text.strip() or parsed(text) is not None:
        return text
    again = (f"To put it in other words: {reworded(text, dice)}" for _ in range(times - 1))
    return "\n\n".join([text, *again])


def _reworded_values(value: Json, dice: Dice) -> Json:
    if isinstance(value, dict):
        return {key: _reworded_values(item, dice) for key, item in value.items()}
    if isinstance(value, list):
        return [_reworded_values(item, dice) for item in value]
    if isinstance(value, str) and len(value.split()) >= _FREE_TEXT:
        return reworded(value, dice)
    return value
