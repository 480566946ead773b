"""Reading what logs tell beside a call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pytest_llmreplay.event import Json, Session
from pytest_llmreplay.providers.fields import as_text

__all__ = ["SESSIONS", "labels_of", "session_of", "spellings"]

SESSIONS = ("session_id", "thread_id", "conversation_id")
"""What users call a session in the metadata of a trace, as LangSmith and Braintrust read them:
https://docs.langchain.com/langsmith/threads"""

_SNAKE = re.compile(r"_([a-z])")


def labels_of(values: Mapping[str, Json]) -> dict[str, str]:
    """Labels: what is a text, a number or a list of them, and says something."""
    labels = {name: _label(value) for name, value in values.items()}
    return {name: text for name, text in labels.items() if text}


def session_of(names: Iterable[Json]) -> Session | None:
    """The session by the first of these that names one."""
    name = next((text for text in map(as_text, names) if text), None)
    return Session(id=name) if name else None


def spellings(record: Mapping[str, Json]) -> dict[str, Json]:
    """A record whose names are in camel case, however they were written."""
    return {_SNAKE.sub(lambda found: found[1].upper(), key): record[key] for key in record}


def _label(value: Json) -> str:
    match value:
        case str():
            return value
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case list() if all(isinstance(item, str) for item in value):
            return ", ".join(map(str, value))
        case _:
            return ""
