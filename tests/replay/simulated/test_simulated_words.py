"""Chance, words and arguments change the same way on every machine."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.replay.simulated.dice import Dice
from pytest_llmreplay.replay.simulated.edit import one_changed
from pytest_llmreplay.replay.simulated.words import reworded, tokens_of

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_dice_are_written_in_stone() -> None:
    """These throws are promised: demos and documentation show what follows from them."""
    dice = Dice("0:demo")
    assert [22, 77, 4, 28] == [dice.below(100) for _ in range(4)]
    assert "bbaababab" == Dice("x").letters(9, "ab")


@given(st.text(), st.integers(1, 1000))
def test_dice_stay_in_range(seed: str, limit: int) -> None:
    """Any text is a seed."""
    assert 0 <= Dice(seed).below(limit) < limit


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("one", 2), ("one two three", 4), ("a, b!", 3)]
)
def test_tokens(text: str, tokens: int) -> None:
    """Four for three words, rounded up."""
    assert tokens == tokens_of(text)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("I'm sorry, but I can't.", "I am very sorry, yet I cannot."),
        ("You need this because it is large.", "You require this since it is big."),
        ("Call `help()` often: ```\nhelp\n```", "Call `help()` frequently: ```\nhelp\n```"),
        ("Often it helps.", "Frequently it assists."),
        ("Weather: 12.5 °C", "Weather: 12.5 °C"),
        ("Das ist groß.", "Das ist groß."),
    ],
)
def test_reworded(text: str, end: str) -> None:
    """Other words, the same meaning; always some difference."""
    again = reworded(text, Dice("x"))
    assert again.endswith(end)
    assert text != again


@given(st.text(min_size=1))
def test_reworded_keeps_numbers(text: str) -> None:
    """No figure is ever lost, and something always changes."""
    again = reworded(text, Dice("x"))
    assert re.findall(r"\d+", text) == re.findall(r"\d+", again)
    assert text != again


SCHEMA: Any = {
    "properties": {
        "enum": {"enum": ["a", "b"]},
        "top": {"type": "integer", "maximum": 5},
        "nested": {"properties": {"flag": {"type": "boolean"}}},
    }
}


@pytest.mark.parametrize(
    ("arguments", "changed"),
    [
        ({"enum": "a"}, {"enum": "b"}),
        ({"flag": True}, {"flag": False}),
        ({"count": 3}, {"count": 4}),
        ({"top": 5}, {"top": 4}),
        ({"price": 1.5}, {"price": 2.5}),
        ({"id": "HC-19"}, {"id": "HC-10"}),
        ({"query": "rear wheel 28 inch"}, {"query": "rear wheel 28"}),
        ({"word": "wheel"}, {"word": "wheels"}),
        ({"word": ""}, {"word": "s"}),
        ({"items": [1, 2]}, {"items": [1]}),
        ({"nested": {"flag": True}}, {"nested": {"flag": False}}),
        ({"nothing": None}, {"nothing": None}),
        ({"items": [], "nested": {}}, {"items": [], "nested": {}}),
        ({}, {}),
    ],
)
def test_one_changed(arguments: Any, changed: Any) -> None:
    """Each kind of value becomes another of its kind, where there is one."""
    assert changed == one_changed(arguments, SCHEMA, Dice("x"))


@given(st.dictionaries(st.text(), json_values, max_size=4), json_values, st.text())
def test_at_most_one_argument_changes(arguments: Any, schema: Any, seed: str) -> None:
    """Whatever the schema says, names stay and one value changes at most."""
    changed = one_changed(arguments, schema, Dice(seed))
    assert list(arguments) == list(changed)
    assert 1 >= sum(changed[key] != arguments[key] for key in arguments)
