"""The answer that is a stream, in the bytes that are played, without its document."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_llmreplay.cassette.documents.answer import check_answer
from pytest_llmreplay.cassette.short_names.ids import Names, restored, restorer
from pytest_llmreplay.cassette.streams.block import read_pieces
from pytest_llmreplay.cassette.streams.template import Pieces
from pytest_llmreplay.cassette.yaml_text.fastread import our_text, read
from pytest_llmreplay.cassette.yaml_text.fields import WrongField
from pytest_llmreplay.event import Chunk, Exchange, HttpRequest, HttpResponse, Json, StreamBody
from pytest_llmreplay.providers.api import ApiFormat
from pytest_llmreplay.providers.registry import format_of

from .answer_head import AnswerHead, head_of

__all__ = ["RESPONSE", "plain_stream"]

RESPONSE = b"\nresponse:"
_API = re.compile(rb"\napi: (\w+)\n")
_STREAM = b"\n  stream: |\n"
_UNSAID = HttpRequest(method="POST", url="")
"""Answers are decoded without a look at their request."""


def plain_stream(
    data: bytes, start: int, answer: int, stop: int, names: Names
) -> tuple[AnswerHead, tuple[bytes, ...]] | None:
    """The answer between two offsets, after what is told of it was found to be the same.

    Args:
        data: The file.
        start: Where the document begins.
        answer: Where it tells the answer, in front of the stream.
        stop: Where what was measured begins.
        names: Short names of ids.
    """
    response, api = data.find(RESPONSE, answer, stop), _API.search(data, start, answer)
    known = format_of(api[1].decode()) if api else None
    if response < 0 or known is None:
        return None
    first, found, block = data[response:stop].partition(_STREAM)
    lines = (b"\n" + block).split(b"\n    ")
    if not found or lines[0] or any(b"\n" in line for line in lines):
        return None
    members = read(our_text(data[answer + 1 : response] + b"\n"))
    if not isinstance(members, dict) or members.keys() != {"answer"}:
        return None
    head, framing = head_of(first[1:] + b"\n")
    restore = restorer(names) if names else None
    pieces = read_pieces(our_text(b"\n".join(lines[1:])), framing, restore)
    if restore is not None and any(b"#" in piece for piece in pieces.gist):
        whole = b"".join(pieces.data)
        if restore(whole) != whole:
            return None  # a short name among the texts
    _check(restored(members["answer"], names), head, pieces, known)
    return head, tuple(pieces.data)


def _check(answer: Json, head: AnswerHead, pieces: Pieces, known: ApiFormat) -> None:
    """Raise WrongField where another answer is told than the stream's.

    Decoding the gist is many times as fast as decoding every piece.
    """
    try:
        _check_decoded(answer, head, pieces.gist, known)
    except WrongField:
        _check_decoded(answer, head, pieces.data, known)


def _check_decoded(
    answer: Json, head: AnswerHead, pieces: Sequence[bytes], known: ApiFormat
) -> None:
    came = HttpResponse(
        status=head.status,
        headers=dict(head.headers),
        body=StreamBody(chunks=(Chunk(at=0.0, data=b"".join(pieces)),)),
        ended=head.ended,
    )
    check_answer(answer, known.response(Exchange(request=_UNSAID, response=came)), number=0)
