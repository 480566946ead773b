"""Writing the pieces of a stream: server-sent events, JSON lines, words one by one."""

from __future__ import annotations

import json
import re
from itertools import pairwise

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.json_values import compact_json

__all__ = [
    "cut",
    "event_bytes",
    "line_bytes",
]

_WORD = re.compile(r"\S+\s*|\s+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_ENDS = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}


def event_bytes(data: Json, event: str | None = None) -> bytes:
    """One server-sent event."""
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {_one_line(data)}\n\n".encode()


def line_bytes(data: Json) -> bytes:
    """One line of a stream of JSON lines."""
    return f"{_one_line(data)}\n".encode()


def _one_line(data: Json) -> str:
    """JSON that is one line for every reader: httpx, and Ollama's client on it, know more ends."""
    text = compact_json(data)
    if text.isascii():
        return text
    # Half of a surrogate pair, as a cut JSON string leaves behind, has no UTF-8.
    return json.dumps(data) if _SURROGATE.search(text) else text.translate(_LINE_ENDS)


def cut(text: str, pieces: int | None) -> list[str]:
    """Cut a text at word boundaries, at every word or into about this many pieces."""
    words: list[str] = _WORD.findall(text)
    if pieces is None or not words:
        return words
    count = max(1, min(pieces, len(words)))
    ends = [part * len(words) // count for part in range(count + 1)]
    return ["".join(words[start:end]) for start, end in pairwise(ends)]
