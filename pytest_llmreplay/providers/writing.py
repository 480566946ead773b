"""Writing answers: server-sent events, deltas, made ids."""

from __future__ import annotations

import hashlib
import json
import re
from itertools import pairwise

from pytest_llmreplay.event import Json, Response

__all__ = [
    "compact_json",
    "cut",
    "event_bytes",
    "line_bytes",
    "made_id",
]

_WORD = re.compile(r"\S+\s*|\s+")


def compact_json(value: Json) -> str:
    """JSON without spaces, in the order of its keys."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def event_bytes(data: Json, event: str | None = None) -> bytes:
    """One server-sent event."""
    head = f"event: {event}\n" if event else ""
    try:
        return f"{head}data: {compact_json(data)}\n\n".encode()
    except UnicodeEncodeError:  # half of a surrogate pair, as a cut JSON string leaves behind
        return f"{head}data: {json.dumps(data)}\n\n".encode()


def line_bytes(data: Json) -> bytes:
    """One line of a stream of JSON lines."""
    try:
        return f"{compact_json(data)}\n".encode()
    except UnicodeEncodeError:  # half of a surrogate pair, as a cut JSON string leaves behind
        return f"{json.dumps(data)}\n".encode()


def cut(text: str, pieces: int | None) -> list[str]:
    """Cut a text at word boundaries, at every word or into about this many pieces."""
    words: list[str] = _WORD.findall(text)
    if pieces is None or not words:
        return words
    count = max(1, min(pieces, len(words)))
    ends = [part * len(words) // count for part in range(count + 1)]
    return ["".join(words[start:end]) for start, end in pairwise(ends)]


def made_id(prefix: str, response: Response, salt: str = "") -> str:
    """An id for an answer that has none: the same answer gets the same id."""
    said = repr((response.model, response.choices, salt)).encode("utf-8", errors="surrogatepass")
    return prefix + hashlib.blake2b(said, digest_size=12).hexdigest()
