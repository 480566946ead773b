"""JSON lines: a stream that is one JSON value per line, as Ollama sends it.

https://github.com/ollama/ollama/blob/main/docs/api.md#streaming-responses
"""

from __future__ import annotations

import re

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.json_values import parse_json

from .splitter import Splitter

__all__ = [
    "JSON_LINES",
    "JsonLines",
    "LineSplitter",
    "is_json_lines",
    "looks_like_lines",
    "values_of",
]

JSON_LINES = "application/x-ndjson"
"""The content type that Ollama gives its streams."""

_TYPES = ("ndjson", "jsonlines", "jsonl", "stream+json")
# No JSON value holds a line end between two braces: what does is more than one value.
_NEXT_VALUE = re.compile(rb"\}[ \t\r]*+\n\s*+\{")


class LineSplitter(Splitter):
    """Cuts a stream into lines as its bytes arrive."""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that these bytes complete."""
        self._pending += data
        if b"\n" not in data:
            return []
        *done, rest = bytes(self._pending).split(b"\n")
        self._pending[:] = rest
        return [line + b"\n" for line in done]


def is_json_lines(content_type: str, data: bytes) -> bool:
    """Whether a body is made of JSON lines, by its content type, or whatever that says."""
    if any(word in content_type.lower() for word in _TYPES):
        return True
    return data[:1] == b"{" and _NEXT_VALUE.search(data) is not None


def looks_like_lines(data: bytes) -> bool:
    """Whether the first line of a body is a JSON object of its own."""
    first = data.partition(b"\n")[0]
    return first[:1] == b"{" and bool(values_of(first))


class JsonLines:
    """The JSON objects of a stream; a line that holds none, as a cut one does, is passed over.

    Args:
        data: The stream.
    """

    def __init__(self, data: bytes) -> None:
        self.values: list[dict[str, Json]] = []
        self.broken: str | None = None
        """The first line that is no JSON, on which a client fails; the last one may be torn."""
        doubtful: str | None = None
        for line in filter(bytes.strip, data.split(b"\n")):
            self.broken = self.broken or doubtful
            doubtful = None if self._take(line) else line.decode(errors="replace")

    def _take(self, line: bytes) -> bool:
        """Whether a line is JSON."""
        try:
            value = parse_json(line)
        except ValueError:
            return False
        if isinstance(value, dict):
            self.values.append(value)
        return True


def values_of(data: bytes) -> list[dict[str, Json]]:
    """The JSON objects of a stream."""
    return JsonLines(data).values
