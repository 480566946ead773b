"""Variants that users name by the hook `pytest_llmreplay_variants`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from pytest_llmreplay.cassette.yaml_text.fields import WrongField
from pytest_llmreplay.replay.variants.names import check_name

from .given_functions import given_functions

if TYPE_CHECKING:
    from pytest_llmreplay.replay.variants.variant import OwnVariant

__all__ = ["user_variants"]


def user_variants(config: pytest.Config) -> Mapping[str, OwnVariant]:
    """The variants that `pytest_llmreplay_variants` gives, by name.

    Raises:
        ConfigError: The hook raised, or gave what is no named function.
    """
    ask = config.hook.pytest_llmreplay_variants
    return given_functions("pytest_llmreplay_variants", ask, kind="variant", wrong=_wrong)


def _wrong(name: object) -> str | None:
    try:
        check_name(str(name), ())
    except WrongField as wrong:
        return str(wrong)
    return None
