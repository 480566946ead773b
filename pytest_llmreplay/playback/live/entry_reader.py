"""Calls as they are read back from the lines of a partial file."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TypedDict, get_args

from pytest_llmreplay.capture.tape import FailureKind, RawRequest
from pytest_llmreplay.cassette.documents.header import read_session
from pytest_llmreplay.cassette.partial.file import KeptEntry
from pytest_llmreplay.cassette.yaml_text.fields import Fields, WrongField
from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import Ended, Failure, Json
from pytest_llmreplay.playback.stamps.stamp import Stamp

from .recorder import LiveCall, Pieces

__all__ = ["call_of"]

_ENTRY = frozenset(
    {
        "answer",
        "answer_headers",
        "body",
        "duration",
        "ended",
        "error",
        "headers",
        "labels",
        "method",
        "name",
        "number",
        "pieces",
        "sent",
        "session",
        "status",
        "url",
    }
)
_ERROR = frozenset({"kind", "message"})
_KINDS: tuple[FailureKind, ...] = get_args(FailureKind)
_ENDS: tuple[Ended, ...] = get_args(Ended)


def call_of(entry: KeptEntry) -> tuple[LiveCall, Stamp]:
    """The call that a line of a partial file is.

    Raises:
        CassetteDamaged: The line is whole and yet no call.
    """
    try:
        return _call(Fields(entry.value, (), _ENTRY))
    except WrongField as wrong:
        raise CassetteDamaged(
            f"{wrong}. This is no call as pytest-llmreplay keeps it: take the line out, or delete "
            "the file to forget the calls that it holds",
            path=entry.path,
            line=entry.line,
        ) from None


def _call(entry: Fields) -> tuple[LiveCall, Stamp]:
    call = LiveCall(
        number=entry.integer("number"),
        request=RawRequest(
            method=entry.text("method"),
            url=entry.text("url"),
            headers=entry.texts_by_name("headers"),
            content=_content(entry, "body"),
            library="",
        ),
        sent=entry.number_or_none("sent") or 0.0,
        duration=entry.number_or_none("duration") or 0.0,
        **_outcome(entry),
    )
    stamp = Stamp(
        name=entry.text_or_none("name"),
        session=read_session(entry.value.get("session"), ("session",)),
        labels=entry.texts_by_name("labels"),
    )
    return call, stamp


class _Outcome(TypedDict):
    status: int | None
    headers: Mapping[str, str]
    pieces: Pieces
    ended: Ended
    failure: Failure | None


def _outcome(entry: Fields) -> _Outcome:
    if "error" in entry:
        error = Fields(entry.value["error"], ("error",), _ERROR)
        kind = error.choice("kind", _KINDS, _KINDS[0])
        failure = Failure(kind=kind, message=error.text("message"))
        return _Outcome(status=None, headers={}, pieces=(), ended="cut", failure=failure)
    return _Outcome(
        status=entry.integer("status"),
        headers=entry.texts_by_name("answer_headers"),
        pieces=tuple(_pieces(_content(entry, "answer"), entry.value.get("pieces"))),
        ended=entry.choice("ended", _ENDS, "complete"),
        failure=None,
    )


def _content(entry: Fields, key: str) -> bytes:
    match entry.value.get(key):
        case str() as text:
            return text.encode(errors="surrogatepass")
        case [str() as text]:
            with suppress(ValueError):
                return base64.b64decode(text, validate=True)
    raise WrongField((key,), "expected text, or a list of one text in base64")


def _pieces(data: bytes, pieces: Json) -> Iterator[tuple[float, bytes]]:
    """The body, cut where it was cut on the wire."""
    begin = 0
    for piece in pieces if isinstance(pieces, list) else [pieces]:
        match piece:
            case [int() | float() as at, int() as size] if size >= 0:
                yield float(at), data[begin : begin + size]
                begin += size
            case _:
                problem = f"expected pairs of seconds and bytes, found {piece!r}"
                raise WrongField(("pieces",), problem)
    if begin != len(data):
        problem = f"{begin} bytes, but the answer has {len(data)}"
        raise WrongField(("pieces",), problem)
