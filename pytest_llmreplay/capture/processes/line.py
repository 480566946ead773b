"""What a process and one that it started say to each other about an LLM call.

A word is JSON, with bytes beside it: nothing that comes over a line is unpickled.
"""

from __future__ import annotations

import itertools
import json
from typing import Any, TypeAlias

from pytest_llmreplay.capture.active import Number
from pytest_llmreplay.capture.arriving import Arriving
from pytest_llmreplay.capture.tape import Playback, RawRequest
from pytest_llmreplay.event import Failure

__all__ = ["Heard", "Line", "parsed_question", "played", "playing", "question"]

Word: TypeAlias = dict[str, Any]
Heard: TypeAlias = tuple[Word, bytes]
"""A word, and the bytes that came with it."""


class Line:
    """The connection of one call.

    Args:
        connection: One of `multiprocessing.connection`.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def say(self, word: Word, data: bytes = b"") -> None:
        """Send a word.

        Raises:
            OSError: Nobody listens any more.
        """
        self._connection.send_bytes(json.dumps(word).encode())
        self._connection.send_bytes(data)

    def hear(self) -> Heard:
        """Wait for a word.

        Raises:
            EOFError: The other process has closed the line, or has ended.
            OSError: The same.
        """
        word: Word = json.loads(self._connection.recv_bytes())
        return word, self._connection.recv_bytes()

    def close(self) -> None:
        """Say and hear no more."""
        self._connection.close()


def question(number: Number, request: RawRequest) -> Heard:
    """What becomes of a call, asked of the tape with this number."""
    word = {
        "number": number,
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "library": request.library,
        "patience": request.patience,
    }
    return word, request.content


def parsed_question(word: Word, content: bytes) -> tuple[Number, RawRequest]:
    """The number and the call of a `question`."""
    process, count = word.pop("number")
    return (process, count), RawRequest(**word, content=content)


def playing(playback: Playback) -> Heard:
    """An answer, or its head where the pieces of its body are still to come."""
    chunks, failure = playback.chunks, playback.failure
    pieces = () if isinstance(chunks, Arriving) else chunks
    word = {
        "status": playback.status,
        "headers": playback.headers,
        "named": playback.named,
        "ended": playback.ended,
        "failure": None if failure is None else (failure.kind, failure.message),
        "sizes": None if isinstance(chunks, Arriving) else [len(piece) for piece in pieces],
    }
    return word, b"".join(pieces)


def played(word: Word, data: bytes, coming: Arriving) -> Playback:
    """The answer of `playing`.

    Args:
        word: As heard.
        data: As heard.
        coming: What gets the pieces that are still to come.
    """
    sizes = word["sizes"]
    return Playback(
        status=word["status"],
        headers=_pairs(word["headers"]),
        named=_pairs(word["named"]),
        chunks=coming if sizes is None else _cut(data, sizes),
        ended=word["ended"],
        failure=word["failure"] and Failure(kind=word["failure"][0], message=word["failure"][1]),
    )


def _pairs(pairs: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in pairs)


def _cut(data: bytes, sizes: list[int]) -> tuple[bytes, ...]:
    ends = itertools.accumulate(sizes)
    return tuple([data[end - size : end] for size, end in zip(sizes, ends, strict=True)])
