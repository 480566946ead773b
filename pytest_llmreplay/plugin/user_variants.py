"""Variants that users name by the hook `pytest_llmreplay_variants`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from pytest_llmreplay.cassette.fields import WrongField
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.replay.variants import OwnVariant, check_name

__all__ = ["user_variants"]

_HOOK = "pytest_llmreplay_variants"


def user_variants(config: pytest.Config) -> Mapping[str, OwnVariant]:
    """All of them, by name.

    Raises:
        ConfigError: The hook raised, or gave what is no named function.
    """
    try:
        given = config.hook.pytest_llmreplay_variants()
    except Exception as error:
        raise ConfigError(f"{_HOOK}: {type(error).__name__}: {error}") from error
    found: dict[str, OwnVariant] = {}
    for name, function in _named(given):
        if name in found:
            raise ConfigError(f"{_HOOK}: two hooks have a variant {name!r}")
        if not callable(function):
            raise ConfigError(f"{_HOOK}: {name!r} is {function!r:.60}, not a function")
        found[name] = function
    return found


def _named(given: list[object]) -> Iterator[tuple[str, object]]:
    for variants in given:
        if not isinstance(variants, Mapping):
            raise ConfigError(f"{_HOOK}: {variants!r:.60} is no mapping of names to functions")
        for name, function in variants.items():
            try:
                yield check_name(str(name), ()), function
            except WrongField as wrong:
                raise ConfigError(f"{_HOOK}: {wrong}") from None
