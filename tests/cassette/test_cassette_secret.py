"""A secret in memory shows nowhere."""

from __future__ import annotations

import copy
import pickle

import pytest

from pytest_llmreplay.cassette.secret import Secret


def test_a_secret_prints_as_stars() -> None:
    """In every way in which Python shows a value."""
    secret = Secret("hunter2")
    assert "hunter2" == secret.reveal()
    assert ["***"] * 4 == [repr(secret), str(secret), f"{secret}", f"{secret!r}"]
    assert "***  " == f"{secret:5}"


def test_secrets_compare_by_value() -> None:
    """So they can be looked up; an empty one is false."""
    assert {Secret("a")} == {Secret("a"), Secret("a")}
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert not Secret("")


def test_a_secret_is_never_written() -> None:
    """Neither pickled, as xdist might, nor copied."""
    for spread in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="not written anywhere"):
            spread(Secret("hunter2"))
