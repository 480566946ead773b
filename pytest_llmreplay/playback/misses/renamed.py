"""Finds the cassette that a test had under its earlier name, or in its earlier place."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from pytest_llmreplay.cassette.documents.header import header_of
from pytest_llmreplay.cassette.places.gone_tests import FIXTURE, missing
from pytest_llmreplay.cassette.yaml_text.fields import WrongField
from pytest_llmreplay.cassette.yaml_text.reader import parse_document
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.playback.open_cassette import OpenCassette

__all__ = ["earlier_cassette", "earlier_folder"]

_MOST = 200
"""Cassettes of one test file, or folders; looking at more would hold up the failure."""
_HEAD = 4096
"""Bytes that the header of a cassette is looked for in."""


def earlier_cassette(opened: OpenCassette) -> Path | None:
    """The only cassette beside a missing one whose test is gone from the same file.

    Args:
        opened: What is open for a test. One that has a cassette has no earlier one; of a test
            with parameters it has the same ones.
    """
    file, _, inner = (opened.header.test or "").partition("::")
    if opened.cassette is not None or not inner or inner.startswith(FIXTURE):
        return None
    beside = [path for path in opened.place.path.parent.glob("*.yaml") if path.is_file()]
    if len(beside) > _MOST:
        return None
    found = [path for path in beside if _is_gone(path, file, inner, opened.place.root)]
    return found[0] if len(found) == 1 else None


def earlier_folder(opened: OpenCassette) -> Path | None:
    """The only folder with a cassette of this test whose test file is gone.

    Args:
        opened: What is open for a test. One whose file has cassettes was not moved.
    """
    file, _, inner = (opened.header.test or "").partition("::")
    folder = opened.place.path.parent
    if opened.cassette is not None or not file:  # a cassette that is served has no test
        return None
    if folder.exists():
        return None
    stem = Path(file).with_suffix("").parts
    if folder.parts[-len(stem) :] != stem:
        return None
    walked = islice(os.walk(folder.parents[len(stem) - 1]), _MOST)
    same = [Path(at) for at, _, names in walked if opened.place.path.name in names]
    found = [one for one in same if _was_here(one / opened.place.path.name, inner, opened)]
    return found[0] if len(found) == 1 else None


def _was_here(cassette: Path, inner: str, opened: OpenCassette) -> bool:
    """Whether the test of a cassette has this name, and its file is no more."""
    file, _, name = (_test_of(cassette) or "").partition("::")
    return bool(file) and name == inner and not (opened.place.root / file).exists()


def _is_gone(cassette: Path, file: str, inner: str, project: Path) -> bool:
    """Whether the test of a cassette is no more, and was in this file with these parameters."""
    named, _, name = (_test_of(cassette) or "").partition("::")
    if named != file or name.startswith(FIXTURE) or _parameters(name) != _parameters(inner):
        return False
    return missing(project / file, name) is not None


def _parameters(name: str) -> str:
    return name.partition("[")[2]


def _test_of(cassette: Path) -> str | None:
    """The node id in the header of a cassette; none where it tells none."""
    try:
        with cassette.open("rb") as file:
            header, end, _ = file.read(_HEAD).partition(b"\n---")
        return header_of(parse_document(header.decode())).test if end else None
    except (OSError, UnicodeDecodeError, WrongField, CassetteError):
        return None
