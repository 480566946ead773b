"""Answers are told as the application told the recorded ones."""

from __future__ import annotations

import pytest

from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.sessions.retold import Example, retold

BLOCKS: Json = [{"type": "output_text", "text": "Rain.", "annotations": []}]


@pytest.mark.parametrize(
    ("said", "told", "now", "expected"),
    [
        pytest.param({"a": 1}, {"a": 1}, {"b": None}, {"b": None}, id="whole"),
        pytest.param({"a": 1, "b": 2}, {"a": 1}, {"a": 3, "b": 4}, {"a": 3}, id="without a key"),
        pytest.param(
            {"a": 1, "b": 2}, {"a": 1}, {"a": 3, "c": None, "d": 5}, {"a": 3, "d": 5}, id="unknown"
        ),
        pytest.param({"a": 1}, {"a": 1, "b": 2}, {"a": 3}, {"a": 3, "b": 2}, id="with a key"),
        pytest.param({"a": 1}, {"a": 1, "id": "x"}, {"a": 3}, {"a": 3}, id="an id of its own"),
        pytest.param({"a": ""}, {"a": None}, {"a": ""}, {"a": None}, id="another nothing"),
        pytest.param({"a": ""}, {"a": None}, {"a": "Hi"}, {"a": "Hi"}, id="something"),
        pytest.param({"a": None}, {}, {"a": "Hi"}, {"a": "Hi"}, id="something after nothing"),
        pytest.param({"a": None}, {}, {"a": None}, {}, id="nothing again"),
        pytest.param({"a": "Hi", "b": None}, {"a": "Hi"}, {"a": None}, {}, id="nothing now"),
        pytest.param({"a": "Hi"}, {"a": ""}, {"a": None}, {"a": ""}, id="never anything"),
        pytest.param({"a": "Hi"}, {"a": ["Hi"]}, {"a": ["Bye"]}, {"a": ["Bye"]}, id="other shapes"),
        pytest.param({"a": 1}, {"a": 2}, {"a": 3}, {"a": 3}, id="another number"),
        pytest.param({"a": "Hi"}, {"a": "Ho"}, {"a": "Bye"}, {"a": "Bye"}, id="other words"),
        pytest.param({"a": "Hi"}, {"a": "Ho"}, {"a": ["Bye"]}, {"a": ["Bye"]}, id="no blocks"),
        pytest.param({"a": "Hi \n"}, {"a": "Hi"}, {"a": "Bye\n"}, {"a": "Bye"}, id="trimmed"),
        pytest.param({"a": "+/x"}, {"a": "-_x"}, {"a": "a+b/"}, {"a": "a-b_"}, id="base64"),
        pytest.param(
            {"content": BLOCKS},
            {"content": "Rain."},
            {"content": [{"type": "output_text", "text": "Sun."}]},
            {"content": "Sun."},
            id="blocks as words",
        ),
        pytest.param(
            {"content": "Rain."},
            {"content": [{"type": "text", "text": "Rain."}]},
            {"content": "Sun."},
            {"content": [{"type": "text", "text": "Sun."}]},
            id="words as a block",
        ),
        pytest.param(
            {"content": BLOCKS},
            {"content": "Rain."},
            {"content": [{}]},
            {"content": [{}]},
            id="odd",
        ),
        pytest.param(
            [{"type": "thought"}, {"type": "call", "status": "done", "name": "a"}],
            [{"type": "call", "name": "a"}],
            [{"type": "thought"}, {"type": "call", "status": "done", "name": "b"}, {"type": "new"}],
            [{"type": "call", "name": "b"}, {"type": "new"}],
            id="a kind left out",
        ),
        pytest.param([1, 2], [2], [1, 2, 3], [1, 2, 3], id="a list that says nothing"),
    ],
)
def test_a_value_is_told_as_another_was(said: Json, told: Json, now: Json, expected: Json) -> None:
    """Keys, spelling and shape follow the example; what was said does not."""
    assert expected == retold(now, [(said, told)])
    assert told == retold(said, [(said, told)]) or isinstance(said, list) or "id" in str(told)


def test_the_nearest_example_counts_and_others_fill_in() -> None:
    """Of a call nothing is known where the recorded answer had none, but for another answer."""
    words: Example = ({"content": "Rain.", "audio": None}, {"content": "Rain."})
    call: Example = (
        {"content": None, "calls": [{"type": "function", "index": 0, "id": "a"}]},
        {"content": "", "calls": [{"type": "function", "id": "a"}]},
    )
    now: Json = {"content": None, "audio": None, "calls": [{"type": "function", "index": 0}]}
    expected: Json = {"content": "", "calls": [{"type": "function"}]}
    assert expected == retold(now, [words, call])


def test_an_item_is_told_as_that_of_its_place() -> None:
    """pydantic-ai signs the first of several calls, as Gemini demands, and no other."""
    said: Json = [{"name": "a"}, {"name": "b"}]
    told: Json = [{"name": "a", "signature": "none"}, {"name": "b"}]
    now: Json = [{"name": "c"}, {"name": "d"}]
    expected = [{"name": "c", "signature": "none"}, {"name": "d"}]
    assert expected == retold(now, [(said, told)])
    one: Example = ([{"name": "x"}], [{"name": "x", "signature": "none"}])
    assert expected == retold(now, [one, (said, told)])


def test_without_an_example_nothing_changes() -> None:
    """Who knows."""
    assert {"a": None} == retold({"a": None}, [])


def test_the_nearest_example_says_which_kinds_are_left_out() -> None:
    """Thoughts are often told in the next request, and in none behind it."""
    said: Json = [{"type": "thought"}, {"type": "text"}]
    older: Example = (said, [{"type": "text"}])
    assert [{"type": "text"}] == retold(said, [older, (said, said)])
    assert said == retold(said, [(said, said), older])


def test_words_alone_are_told_as_words_alone_were() -> None:
    """AutoGen tells them as a text, and beside a call as a block."""
    words: Example = (BLOCKS, "Rain.")
    call: Json = [{"type": "text", "text": "Hm."}, {"type": "tool_use"}]
    now: Json = [{"type": "output_text", "text": "Sun."}]
    assert "Sun." == retold(now, [(call, call), words])
    assert call == retold(call, [words, (call, call)])
