"""Calls of fixtures with wider scope belong to a cassette of the fixture, not to a test's."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import TypeAlias

import pytest

from pytest_llmreplay.cassette.record_mode import RecordMode
from pytest_llmreplay.plugin.uses import uses_cassette

from .fixture_place import FixturePlace
from .openers import Opener

__all__ = ["Around", "WideFixtures", "fixtures_of"]

Around: TypeAlias = Callable[
    [FixturePlace, pytest.FixtureRequest, RecordMode, str],
    AbstractContextManager[None],
]
"""Is entered around the set-up of a fixture (the word is empty) and its `.teardown`."""


class WideFixtures:
    """Registered beside `Recording`, or beside `Rerouting`.

    Args:
        opener: Opens cassettes.
        items: The collected tests.
        mode: The record mode of the running test; none where it has no cassette.
        around: Gives a fixture its cassette.
    """

    def __init__(
        self,
        opener: Opener,
        items: Iterable[pytest.Item],
        mode: Callable[[], RecordMode | None],
        around: Around,
    ) -> None:
        self._settings, self._mode, self._around = opener.settings, mode, around
        users = (item for item in items if uses_cassette(item, autouse=opener.settings.autouse))
        self._names = {name for item in users for name in fixtures_of(item)}

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Play or record what the fixture asks while it is set up, and while it is torn down."""
        if not self._has_cassette(fixturedef):
            return (yield)
        mode = self._mode() or self._settings.command_line_mode or "none"
        around = partial(self._around, FixturePlace.of(fixturedef, request), request, mode)
        teardown = ExitStack()
        fixturedef.addfinalizer(teardown.close)
        with around(""):
            result = yield
        fixturedef.addfinalizer(lambda: teardown.enter_context(around(".teardown")))
        return result

    def _has_cassette(self, fixturedef: pytest.FixtureDef[object]) -> bool:
        """Whether any test that uses it has one, so that the order of tests does not matter."""
        if fixturedef.scope == "function":
            return False
        return self._mode() is not None or fixturedef.argname in self._names


def fixtures_of(item: pytest.Item) -> frozenset[str]:
    """Names of all fixtures that a test uses, those of other fixtures included."""
    return frozenset(getattr(item, "fixturenames", ()))
