"""The style of a cassette, and that it is read as it was meant."""

from __future__ import annotations

import pytest
import yaml
from cassette.json_values import TEXTS, VALUES, same
from hypothesis import example, given

from pytest_llmreplay.cassette.yaml_text.emitter import block, flow
from pytest_llmreplay.cassette.yaml_text.fastread import read
from pytest_llmreplay.cassette.yaml_text.reader import parse_document
from pytest_llmreplay.event import Json

STYLES: list[tuple[Json, str]] = [
    ({"a": 1, "b": [True, None]}, "a: 1\nb: [true, null]\n"),
    ({"type": {"type": "string", "enum": ["a", "b"]}}, "type: {type: string, enum: [a, b]}\n"),
    ({"m": {"role": "user", "content": "hi"}}, "m:\n  role: user\n  content: hi\n"),
    ({"m": [{"role": "user", "k": 1}]}, "m:\n- role: user\n  k: 1\n"),
    ({"m": [{"type": "text", "text": "hi"}]}, "m:\n- {type: text, text: hi}\n"),
    ({"a": {"b": {"c": {"d": 1}}}}, "a:\n  b: {c: {d: 1}}\n"),
    ({"a": [[1, 2], ["x", [{"k": "z"}]]]}, "a:\n- [1, 2]\n- - x\n  - - {k: z}\n"),
    ({"a": {}, "b": []}, "a: {}\nb: []\n"),
    ({"v": [0.5] * 40}, f"v: [{', '.join(['0.5'] * 40)}]\n"),
    ({"t": "one\ntwo\n"}, "t: |\n  one\n  two\n"),
    ({"t": "one\n\ntwo"}, "t: |-\n  one\n\n  two\n"),
    ({"t": "one\n\n"}, "t: |+\n  one\n\n"),
    ({"t": "  one\ntwo"}, "t: |2-\n    one\n  two\n"),
    ({"t": ["a\nb"]}, "t:\n- |-\n  a\n  b\n"),
    ({"t": "one\r\ntwo"}, 't: "one\\r\\ntwo"\n'),
    ({"t": "a\u2028b: c"}, 't: "a\\u2028b: c"\n'),
    ({"t": "\ud800"}, 't: "\\ud800"\n'),
    ({"t": "right\u202eleft\n"}, 't: "right\\u202eleft\\n"\n'),
    ({"t": "hi\U000e0041"}, 't: "hi\\U000e0041"\n'),
    ({"t": ["hi\U000e0100"]}, 't: ["hi\\U000e0100"]\n'),
    ({"t": "Grüße 漢字 👩\u200d👩\u200d👧"}, "t: Grüße 漢字 👩\u200d👩\u200d👧\n"),
    ({"t": 'a: "b"'}, "t: 'a: \"b\"'\n"),
    ({"t": "it's: so"}, 't: "it\'s: so"\n'),
    ({"t": "it's"}, "t: it's\n"),
    ({"t": "tab\there"}, 't: "tab\\there"\n'),
    (
        {"": 0, "a b": 1, "null": 2, "1": 3, "$defs": 4},
        "'': 0\n'a b': 1\n'null': 2\n'1': 3\n$defs: 4\n",
    ),
    ({"k": [1e16, -0.0, 1e-7, 10**30]}, f"k: [1e+16, -0.0, 1e-07, {10**30}]\n"),
    ({"k" * 1200: {"a": "b" * 100}}, f"? {'k' * 1200}\n:\n  a: {'b' * 100}\n"),
    ([1, {"a": [1, {"b": "c" * 100}]}], f"- 1\n- a:\n  - 1\n  - b: {'c' * 100}\n"),
]


@pytest.mark.parametrize(("value", "text"), STYLES)
def test_style_of_a_value(value: dict[str, Json] | list[Json], text: str) -> None:
    """Each kind of value has one way to be written."""
    assert text == block(value, 0)
    assert same(value, parse_document(text))


AMBIGUOUS = """
null ~ true yes Off n 1 -1 1.5 1e3 .5 0x1f 0o17 0b1 017 1_000 1,000 12:30 1:2:3 .inf -.INF .nan
2026-11-20 2026-11-20T17:00:00Z << = - ? ... --- * & ! % @ ` [ { ] } , # | > ' " :
"""


@pytest.mark.parametrize("text", AMBIGUOUS.split())
def test_text_that_another_reader_takes_for_something_else_is_quoted(text: str) -> None:
    """Text stays text in YAML 1.1 and 1.2, in blocks and on one line."""
    assert block({"t": text}, 0)[3] in "'\""
    assert flow([text])[1] in "'\""


@pytest.mark.parametrize("text", ["7f0c2d1e", "gpt-5-mini", "https://x.y/z", "a:b", "12 men"])
def test_ordinary_text_needs_no_quotes(text: str) -> None:
    """Ids, models and URLs stand as they are."""
    assert text == flow(text)


def test_long_flow_collections_become_blocks() -> None:
    """A line of a collection has at most about 100 columns."""
    assert block({"a": ["x" * 30] * 2}, 0).count("\n") == 1
    assert block({"a": ["x" * 30] * 4}, 0).count("\n") == 5


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")]])
def test_numbers_that_json_does_not_know_are_refused(value: Json) -> None:
    """A cassette holds JSON."""
    with pytest.raises(ValueError, match=r"(nan|inf)"):
        block({"v": value}, 0)


def test_deep_values_end_as_json_on_one_line() -> None:
    """Nesting that nobody reads does not exhaust the interpreter's stack."""
    value: dict[str, Json] = {"a": ["😀\u2028"]}
    for _ in range(189):
        value = {"a": value}
    text = block(value, 0)
    assert same(value, parse_document(text))
    assert max(map(len, text.splitlines())) > 500


@given(VALUES)
@example({"a": "a\n  ", "b": " \n\n", "c": "\n x\n", "d": "\t\n\ty"})
def test_every_value_is_read_back_by_both_readers(value: Json) -> None:
    """Writing and reading is identity: types, order of keys, every character."""
    text = block({"v": value}, 0)
    assert same({"v": value}, parse_document(text))
    assert same({"v": value}, read(text))


@given(VALUES)
def test_flow_is_read_back_by_both_readers(value: Json) -> None:
    """The same holds for values that are forced onto one line."""
    text = f"v: {flow(value)}\n"
    assert 1 == text.count("\n")
    assert same({"v": value}, parse_document(text))
    assert same({"v": value}, read(text))


@given(TEXTS)
def test_no_text_becomes_a_line_of_its_own(text: str) -> None:
    """No answer can write a key or a document into a cassette."""
    written = block({"a": {"t": text, "role": 1}, "end": True}, 0)
    assert ["a:", "end: true"] == [
        line for line in written.splitlines() if line[:1] not in {" ", ""}
    ]


@given(TEXTS)
def test_text_is_the_same_text_to_a_common_yaml_reader(text: str) -> None:
    """What another tool reads from a cassette is what we read."""
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert text == yaml.safe_load(block({"t": text}, 0))["t"]
        assert [text] == yaml.safe_load(flow([text]))
