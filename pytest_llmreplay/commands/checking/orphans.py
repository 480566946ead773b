"""Cassettes whose test is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.places.gone_tests import FIXTURE, missing
from pytest_llmreplay.cassette.places.naming import inside
from pytest_llmreplay.errors import CassetteError

from .finding import Finding

__all__ = ["orphans", "test_file"]


def test_file(cassette: Cassette, project: Path | None) -> Path | None:
    """The file of the test that recorded a cassette; none where the project has no such file."""
    test = cassette.header.test
    if test is None or project is None:
        return None
    try:
        file = inside(project, project / test.partition("::")[0])
    except CassetteError:
        return None
    return file if file.is_file() else None


def orphans(cassette: Cassette, project: Path | None) -> Iterator[Finding]:
    """A finding where the test that recorded a cassette is not there any more.

    Args:
        cassette: The cassette.
        project: Directory that the test's file is told from; none where it is not known.
    """
    test = cassette.header.test
    if test is None or project is None:
        return
    file, (named, _, inner) = test_file(cassette, project), test.partition("::")
    if file is not None:
        gone = missing(file, inner)
    else:  # the fixture of an installed plugin has its file elsewhere
        gone = None if inner.startswith(FIXTURE) else named
    if gone is not None:
        yield Finding(
            kind="orphan",
            path=cassette.path,
            line=1,
            place="test",
            problem=f"{gone} is gone, and with it the test that recorded this ({test}); delete "
            "the cassette, or record the test under its new name",
        )
