"""What LangSmith's SDKs send: runs as they begin (`post`), and as they end (`patch`).

A body is JSON (`POST /runs/batch`), or has parts (`POST /runs/multipart`): one for each run, named
`post.ID`, and one for each of its larger fields, as `post.ID.inputs`. The SDK for Python keeps what
it could not send, each body in an object beside its headers (`LANGSMITH_FAILED_TRACES_DIR`).
https://github.com/langchain-ai/langsmith-sdk (python/langsmith/client.py)
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, TypeAlias

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.reading.bodies import decompressed
from pytest_llmreplay.importers.reading.bounded_json import json_of
from pytest_llmreplay.providers.fields import Fields, as_list

__all__ = ["Kind", "Sent", "is_parts", "sent_in", "sent_in_parts"]

Kind: TypeAlias = Literal["run", "post", "patch"]
"""What is told: all of a run, its beginning, its end."""
_KINDS: Final[tuple[Kind, ...]] = ("post", "patch")
_BEGIN: Final = b"--"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
"""How the SDK for Python compresses: https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1"""
_NAME: Final = re.compile(rb'\bname="([^"]*)"')
_KEPT: Final = "body_base64"
_TORN: Final = "breaks off; what it still holds was read"


class Sent(NamedTuple):
    """What was sent of one run."""

    kind: Kind
    run: dict[str, Json]

    @property
    def is_whole(self) -> bool:
        """Whether nothing else tells more of it: the SDKs join what they have of a run."""
        ended = self.kind == "post" and bool(self.run.get("end_time"))
        return self.kind == "run" or ended


class _Part(NamedTuple):
    """One part of a multipart body."""

    kind: Kind
    run: str
    """Its id."""
    key: str
    """The field; empty for all but the larger ones."""
    body: bytes


def is_parts(begin: bytes) -> bool:
    """Whether a body has parts, compressed or not, by its first bytes."""
    return begin.startswith((_BEGIN, _ZSTD))


def sent_in(record: dict[str, Json]) -> list[Sent]:
    """The runs in a body, or in one that the SDK kept; else the run that a record is.

    Raises:
        InputUnreadable: The body that was kept is none.
    """
    if isinstance(record.get(_KEPT), str):
        return _sent_in_recording(Fields(record))
    if "run_type" in record or not any(isinstance(record.get(kind), list) for kind in _KINDS):
        return [Sent("run", record)]
    return [*_listed(record)]


def sent_in_parts(data: bytes) -> Iterator[Sent]:
    """The runs in a body of parts.

    Raises:
        InputUnreadable: A part is no JSON, or the body breaks off, after all other runs; or nothing
            here reads its compression.
    """
    if data.startswith(_ZSTD):
        data = decompressed(data, "zstd")
    if not data.startswith(_BEGIN):
        raise InputUnreadable("is no body that an SDK of LangSmith sends")
    boundary = data.partition(b"\r\n")[0]
    _, *parts = data.split(boundary)
    problem = None if parts and parts.pop().startswith(_BEGIN) else _TORN
    runs: dict[str, Sent | None] = {}
    for part in filter(None, map(_part, parts)):
        name = f"{part.kind}.{part.run}"
        try:
            value = json_of(part.body)
        except InputUnreadable as unreadable:
            problem, runs[name] = f"part {name}.{part.key}: {unreadable}", None
            continue
        if (sent := runs.setdefault(name, Sent(part.kind, {}))) is not None:
            sent.run.update({part.key: value} if part.key else Fields(value).rest)
    yield from (sent for sent in runs.values() if sent is not None)
    if problem is not None:
        raise InputUnreadable(problem)


def _part(part: bytes) -> _Part | None:
    """A part of a body; none where it is no run's, as an attachment."""
    head, _, body = part.partition(b"\r\n\r\n")
    name = _NAME.search(head)
    first, *rest = name[1].decode(errors="replace").split(".", 2) if name else [""]
    kind = next((kind for kind in _KINDS if kind == first), None)
    if kind is None or not rest:
        return None
    return _Part(kind, rest[0], "".join(rest[1:]), body.removesuffix(b"\r\n"))


def _listed(body: dict[str, Json]) -> Iterator[Sent]:
    for kind in _KINDS:
        for run in as_list(body.get(kind)):
            if not isinstance(run, dict):
                raise InputUnreadable(f"holds a {kind} that is no object")
            yield Sent(kind, run)


def _sent_in_recording(envelope: Fields) -> list[Sent]:
    headers = {name.lower(): str(text) for name, text in envelope.object("headers").items()}
    try:
        data = base64.b64decode(envelope.text(_KEPT) or "", validate=True)
    except (binascii.Error, ValueError):
        raise InputUnreadable(f"`{_KEPT}` is no base64") from None
    data = decompressed(data, headers.get("content-encoding", ""))
    if is_parts(data):
        return [*sent_in_parts(data)]
    body = json_of(data)
    if not isinstance(body, dict):
        raise InputUnreadable("holds no runs")
    return [*_listed(body)]
