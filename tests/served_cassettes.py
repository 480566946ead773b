"""A cassette behind a loopback server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.matching.keys import MatchRules
from pytest_llmreplay.cassette.record_mode import RecordMode
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.playback.place import Place
from pytest_llmreplay.serve import CassetteServer, Places

__all__ = ["MissedCall", "opened", "served"]


class MissedCall(BaseException):
    """A call that the cassette does not hold."""


def opened(path: Path, mode: RecordMode, hosts: frozenset[str] = frozenset()) -> OpenCassette:
    """The cassette at a path."""
    place = Place(path=path, root=path.parent, shown=path.name, record="r")
    return OpenCassette(
        place=place,
        header=Header(),
        mode=mode,
        rules=MatchRules(),
        redactor=Redactor(),
        hosts=hosts,
        explain=lambda _, raw, number: MissedCall(f"call {number} to {raw.url} is not recorded"),
    )


@contextmanager
def served(
    path: Path,
    mode: RecordMode,
    environ: Mapping[str, str],
    upstream: str | None = None,
    hosts: frozenset[str] = frozenset(),
) -> Iterator[CassetteServer]:
    """A server in front of the cassette, whose calls are committed at the end."""
    cassette = opened(path, mode, hosts)
    with CassetteServer(cassette.tape, Places(environ, upstream), hosts=hosts) as server:
        yield server
    cassette.close()
    if cassette.called:
        cassette.commit()
