"""Simple JSON paths."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.cassette.json_paths import changed_at, parsed_path, shown_path, without
from pytest_llmreplay.event import Json

names = st.text(min_size=1, max_size=5).filter(lambda name: not ("'" in name and '"' in name))


@given(st.lists(names | st.integers(min_value=0, max_value=99), min_size=1, max_size=4))
def test_a_shown_path_is_read_as_the_same_path(steps: list[str | int]) -> None:
    """Whatever signs a name holds."""
    assert tuple(steps) == parsed_path(shown_path(tuple(steps)))


def test_what_a_path_does_not_find_stays() -> None:
    """Other kinds of values, other names and indexes out of range are no error."""
    value: Json = {"a": [1, {"b": 2}], "c": "text"}
    for path in ("a.b", "a[7]", "c.x", "c[0]", "a[1][0]", "x", "a[-9]", "**.x"):
        assert value == without(value, parsed_path(path))


def test_a_change_leaves_the_given_value_alone() -> None:
    """The caller's body is still to be sent."""
    value: Json = {"a": [{"b": 1}, {"b": 2}]}
    assert {"a": [{"b": 1}, {"b": 3}]} == changed_at(value, parsed_path("a[-1].b"), lambda _: 3)
    assert {"a": [{}, {}]} == without(value, parsed_path("**.b"))
    assert {"a": [{"b": 1}, {"b": 2}]} == value
