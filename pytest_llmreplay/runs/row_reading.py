"""Reads the line of one call in a run file, whoever may have written it."""

from __future__ import annotations

import base64
import binascii
from typing import get_args

from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.cassette.yaml_text.fields import Fields, Path, WrongField
from pytest_llmreplay.event import Attempt, Chunk, Json
from pytest_llmreplay.replay.calls.call import Call, Identity, Purpose
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, FailureKind, Reply

__all__ = ["call_of", "identity_of", "outcome_of"]

_ROW = frozenset(["call", "sent", "reply", "failure", "taken_from"])
_CALL = frozenset(
    ["purpose", "cassette", "key", "occurrence", "label", "target", "digest", "sample", "session"]
)
_SENT = frozenset(
    ["provider", "url", "path", "api", "headers", "body", "stream", "model", "converted", "losses"]
)
_REPLY = frozenset(["status", "headers", "pieces", "at", "duration", "first", "attempts", "lag"])
_FAILURE = frozenset(["kind", "problem", "host", "status", "attempts"])


def call_of(row: Json) -> Call:
    """The call of a line.

    Raises:
        WrongField: A member is missing, or is something else.
    """
    whole = Fields(row, (), _ROW)
    fields = Fields(whole.value.get("call"), ("call",), _CALL)
    return Call(
        identity=identity_of(fields),
        target=fields.text("target"),
        digest=fields.text("digest"),
        sample=fields.integer("sample"),
        purpose=fields.choice("purpose", get_args(Purpose), "answer"),
        session=fields.text_or_none("session"),
    )


def identity_of(fields: Fields) -> Identity:
    """The event that the fields of a line name.

    Raises:
        WrongField: One is missing, or is something else.
    """
    return Identity(
        cassette=fields.text("cassette"),
        key=fields.text("key"),
        occurrence=fields.integer("occurrence"),
        label=fields.text("label"),
    )


def outcome_of(row: Json) -> Reply | CallFailed:
    """What came of the call of a line.

    Raises:
        WrongField: A member is missing, or is something else.
    """
    whole = Fields(row, (), _ROW)
    if "failure" in whole:
        target = Fields(whole.value.get("call"), ("call",), _CALL).text("target")
        return _failure(Fields(whole.value["failure"], ("failure",), _FAILURE), target)
    fields = Fields(whole.value.get("reply"), ("reply",), _REPLY)
    return Reply(
        status=fields.integer("status"),
        headers=fields.texts_by_name("headers"),
        chunks=_pieces(fields.value.get("pieces")),
        outgoing=_sent(Fields(whole.value.get("sent"), ("sent",), _SENT)),
        at=fields.text("at"),
        duration=_seconds(fields, "duration"),
        time_to_first_chunk=fields.number_or_none("first"),
        attempts=_attempts(fields),
        lag=fields.number_or_none("lag") or 0.0,
        taken_from=whole.text_or_none("taken_from"),
    )


def _sent(fields: Fields) -> Outgoing:
    body = fields.value.get("body")
    if not isinstance(body, dict):
        raise WrongField((*fields.path, "body"), "expected keys and values")
    return Outgoing(
        endpoint=Endpoint(provider=fields.text("provider"), base_url=fields.text("url")),
        api=fields.text("api"),
        path=fields.text("path"),
        headers=fields.texts_by_name("headers"),
        body=body,
        content=json_bytes(body),
        stream=fields.value.get("stream") is True,
        model=fields.text_or_none("model"),
        converted=fields.value.get("converted") is True,
        losses=fields.texts("losses"),
    )


def _pieces(value: Json) -> tuple[Chunk, ...]:
    path: Path = ("reply", "pieces")
    if not isinstance(value, list):
        raise WrongField(path, "expected a list of pieces")
    return tuple(_piece(piece, (*path, place)) for place, piece in enumerate(value))


def _piece(value: Json, path: Path) -> Chunk:
    match value:
        case [int() | float() as at, str() as text]:
            return Chunk(at=at, data=text.encode(errors="surrogatepass"))
        case [int() | float() as at, {"base64": str() as text}]:
            try:
                return Chunk(at=at, data=base64.b64decode(text, validate=True))
            except (ValueError, binascii.Error):
                raise WrongField(path, "its base64 cannot be read") from None
    raise WrongField(path, "expected seconds and what came then")


def _failure(fields: Fields, target: str) -> CallFailed:
    return CallFailed(
        fields.text("problem"),
        kind=fields.choice("kind", get_args(FailureKind), "answer"),
        target=target,
        host=fields.text("host"),
        status=fields.integer_or_none("status"),
        attempts=_attempts(fields),
    )


def _attempts(fields: Fields) -> tuple[Attempt, ...]:
    value = fields.value.get("attempts", [])
    if not isinstance(value, list):
        raise WrongField((*fields.path, "attempts"), "expected a list of attempts")
    return tuple(_attempt(one, (*fields.path, "attempts")) for one in value)


def _attempt(value: Json, path: Path) -> Attempt:
    match value:
        case [int() | None as status, int() | float() as duration]:
            return Attempt(status=status, duration=duration)
    raise WrongField(path, "expected a status and seconds")


def _seconds(fields: Fields, key: str) -> float:
    value = fields.number_or_none(key)
    if value is None:
        raise WrongField((*fields.path, key), "expected seconds")
    return value
