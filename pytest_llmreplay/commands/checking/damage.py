"""Cassettes that break the format: each document is read with the reader that decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.compare.syntax.surroundings import Surroundings
from pytest_llmreplay.errors import CassetteDamaged, CassetteError, CassetteTooNew, CheckSyntaxError

from .finding import Finding

__all__ = ["damage_of", "damaged", "opened"]


def opened(path: Path, data: bytes) -> Cassette | Finding:
    """The cassette, or why nothing of it can be read."""
    try:
        return Cassette.of(data, path=path)
    except (CassetteDamaged, CassetteTooNew) as problem:
        return damaged(problem, path)


def damage_of(cassette: Cassette, around: Surroundings) -> Iterator[Finding]:
    """The first problem of each document, and of the checks that it asks for."""
    path = cassette.path
    if problem := _unreadable(cassette.header.checks or (), around):
        yield _wrong_checks(path, 1, problem)
    for place in range(len(cassette.index.events)):
        found = _problem(partial(_read_event, cassette, place), path)
        yield from [found] if found else _own_checks(cassette.document(place), around)
    found = _problem(partial(_read_accepted, cassette), path)
    yield from [found] if found else []


def _read_event(cassette: Cassette, place: int) -> None:
    cassette.document(place).check()


def _read_accepted(cassette: Cassette) -> None:
    for document in cassette.accepted_documents():
        document.check(cassette.index.places)


def _problem(check: Callable[[], object], path: Path) -> Finding | None:
    try:
        check()
    except CassetteDamaged as problem:
        return damaged(problem, path)
    return None


def damaged(error: CassetteError, path: Path) -> Finding:
    """The finding that a cassette cannot be read."""
    return Finding(kind="damaged", path=path, line=error.line, problem=error.problem)


def _own_checks(document: EventDocument, around: Surroundings) -> Iterator[Finding]:
    problem = _unreadable(document.head.checks or (), around)
    if problem is not None and document.place.path is not None:
        yield _wrong_checks(document.place.path, document.place.line, problem)


def _unreadable(specs: tuple[str, ...], around: Surroundings) -> str | None:
    try:
        parse_checks(specs, around)
    except CheckSyntaxError as error:
        return str(error)
    return None


def _wrong_checks(path: Path, line: int, problem: str) -> Finding:
    return Finding(kind="check", path=path, line=line, place="checks", problem=problem)
