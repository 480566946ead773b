"""One cassette, looked at from all sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.places.roots import bytes_found
from pytest_llmreplay.commands.projects.project import Project
from pytest_llmreplay.errors import CassetteError, LlmReplayError

from .changes import changes, review_points
from .damage import damage_of, damaged, opened
from .finding import Finding
from .leftovers import unused_files
from .mending import mend
from .orphans import orphans
from .outdated import current_keys, outdated_keys
from .places import home_of
from .revision import Revision
from .same_files import same_files
from .secrets import secrets_in
from .unseen import unseen_raw

__all__ = ["look_at"]

_IN_THE_WAY = {"damaged", "secret"}
"""What must be dealt with by hand before a cassette is written again."""


def look_at(
    path: Path, project: Project, *, base: Revision | None = None, fix: bool = False
) -> tuple[int, list[Finding]]:
    """How many events a cassette has, and everything that is to be said of it.

    Args:
        path: The cassette.
        project: The project it belongs to.
        base: A revision to compare it with.
        fix: Whether to mend what can be mended.
    """
    try:
        data = bytes_found(path)
    except CassetteError as problem:
        return 0, [damaged(problem, path)]
    cassette = opened(path, data)
    found = [*secrets_in(path, data, project.redactor(path.parent)), *unseen_raw(path, data)]
    if isinstance(cassette, Finding):
        return 0, [cassette, *found]
    found += _inside(cassette, project)
    if fix:
        found = _mended(cassette, project, found)
    if base is not None:
        found += _new_since(base, cassette)
    return len(cassette.index.events), sorted(found, key=lambda one: (one.path, one.line or 0))


def _inside(cassette: Cassette, project: Project) -> Iterator[Finding]:
    damage = list(damage_of(cassette, project.surroundings(cassette.path.parent)))
    yield from damage
    yield from orphans(cassette, home_of(cassette.path, project))
    yield from same_files(cassette.path, project)
    yield from unused_files(cassette.path, cassette.index.data)
    if not any(one.kind == "damaged" for one in damage):
        yield from outdated_keys(cassette, project)


def _mended(cassette: Cassette, project: Project, found: list[Finding]) -> list[Finding]:
    """The findings, those that were put right marked."""
    if not any(one.fixable for one in found) or any(one.kind in _IN_THE_WAY for one in found):
        return found
    try:
        redactor = project.redactor(cassette.path.parent)
        mend(cassette, current_keys(cassette, project), redactor)
    except LlmReplayError as error:
        problem = str(error).removeprefix(f"{cassette.path}: ")
        return [*found, Finding(kind="not mended", path=cassette.path, problem=problem)]
    return [replace(one, mended=one.fixable) for one in found]


def _new_since(base: Revision, cassette: Cassette) -> Iterator[Finding]:
    data = base.read(cassette.path)
    before = None if data is None else opened(cassette.path, data)
    earlier = review_points(before) if isinstance(before, Cassette) else []
    yield from changes(cassette, earlier)
