"""JSON's meaning, and what is refused with its line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import yaml
from cassette.json_values import same
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.cassette.yaml_text import reader
from pytest_llmreplay.cassette.yaml_text.builder import number
from pytest_llmreplay.cassette.yaml_text.reader import line_of, parse_document
from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import Json

TEXTS = "yes no on off ~ Null TRUE 01 0x1f 1_000 +1 .5 1. .inf 12:30 <<"
MEANINGS: list[tuple[str, Json]] = [
    ("null", None),
    ("", None),
    ("true", True),
    ("false", False),
    ("0", 0),
    ("-12", -12),
    ("1.50", 1.5),
    ("-0.0", -0.0),
    ("1e3", 1000.0),
    ("2E-2", 0.02),
    ("'1'", "1"),
    ('"null"', "null"),
    *[(text, text) for text in TEXTS.split()],
    ("2026-11-20", "2026-11-20"),
    ("2026-11-20T17:00:00Z", "2026-11-20T17:00:00Z"),
]


@pytest.mark.parametrize(("text", "value"), MEANINGS)
def test_meaning_of_a_scalar(text: str, value: Json) -> None:
    """Null, booleans and JSON numbers mean themselves, all else is text."""
    assert same({"v": value}, parse_document(f"v: {text}\n"))


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_are_exact(value: float) -> None:
    """No digit is lost, however many there are."""
    assert same(value, number(repr(value)))


def test_text_is_no_number() -> None:
    """What JSON does not call a number is none."""
    assert [None] * 4 == [number(text) for text in ("", "1 ", "1\n", "٣")]


def test_keys_are_text_whatever_they_look_like() -> None:
    """JSON has no other keys."""
    assert {"1": 1, "null": 2, "yes": 3} == parse_document("1: 1\nnull: 2\nyes: 3\n")


def test_surrogate_escapes_become_characters_or_stay_halves() -> None:
    """Two escapes of a pair are one character, a half alone survives."""
    assert ["😀", "\ud83d", "a\ude00b"] == parse_document(r'["\ud83d\ude00", "\ud83d", "a\ude00b"]')


def test_document_may_come_with_its_frame() -> None:
    """The `---` and the `...` belong to a document."""
    assert {"a": 1} == parse_document("--- # key r1:0\na: 1\n...\n")


REFUSED = [
    ("a: 1\nb: !!str x\n", 2, "a tag"),
    ("a: ! x\n", 1, "a tag"),
    ("!t\na: 1\n", 1, "a tag"),
    ("- &x 1\n- *x\n", 1, "an anchor"),
    ("a: [1,\n  *x]\n", 2, "an alias"),
    ("a: {<<: *x}\n", 1, "an alias"),
    ("? *x\n: 1\n", 1, "an alias"),
    ("a: 1\nb: 2\na: 3\n", 3, "key 'a' stands twice"),
    ("a: 1\n'a': 3\n", 2, "key 'a' stands twice"),
    ("a: {b: 1,\n  c: 2,\n  b: 3}\n", 3, "key 'b' stands twice"),
    ("{a: 1}: 2\n", 1, "the key of a mapping must be text"),
    ("[a]: 2\n", 1, "the key of a mapping must be text"),
    ("a: " + "[" * 201 + "]" * 201, 1, "more than 200 deep"),
    ("- " * 201 + "x\n", 1, "more than 200 deep"),
    ("".join(f"{' ' * depth}k:\n" for depth in range(201)) + " " * 201 + "x\n", 201, "200 deep"),
    ("a: 1\n---\nb: 2\n", 2, "a second document"),
    ("%YAML 1.2\n---\na: 1\n", 1, "directives"),
    ("a: x\ry\n", 1, "U+000D"),
    ("a: |\n  x\u2028b: 1\n", 2, "U+2028"),
    ("a: 'x\x85b: 1'\n", 1, "U+0085"),
    ("a: \ufeff1\n", 1, "U+FEFF"),
    ("a: \x1b[0m\n", 1, "U+001B"),
    ("a:\n  b: 1e999\n", 2, "too large"),
    ("a: " + "9" * 5000 + "\n", 1, "digits"),
    ("a: 123" + "9" * 5000 + ".5\n", 1, f"the number 123{'9' * 17}… is too large"),
    ("a: 'x\n", 2, "not valid YAML"),
    ("a: 1\n b: 2\n", 2, "not valid YAML"),
    ("a: [1, 2\n", 2, "not valid YAML"),
    ("a: @x\n", 1, "not valid YAML"),
    ("a: 1\n=======\n", 2, "merge conflict"),
    ("a:\n<<<<<<< HEAD\n  b: 1\n", 2, "merge conflict"),
    ("a: 1\n>>>>>>> 1a2b3c (other)\n", 2, "merge conflict"),
    ("a: 1\n||||||| base\n", 2, "merge conflict"),
]


@pytest.mark.parametrize(("text", "line", "problem"), REFUSED)
def test_refused_with_its_line(text: str, line: int, problem: str) -> None:
    """Every refusal says where it is, counted in the file."""
    with pytest.raises(CassetteDamaged) as refused:
        parse_document(text, first_line=101)
    assert problem in str(refused.value)
    assert line + 100 == refused.value.line


def test_document_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser never sees 64 MiB."""
    monkeypatch.setattr("pytest_llmreplay.cassette.yaml_text.scan.MAX_LENGTH", 10)
    with pytest.raises(CassetteDamaged, match="larger than 64 MiB"):
        parse_document("a: 1234567890\n")


@pytest.mark.parametrize(
    "text",
    ["a: " + "[" * 10**6, "- " * 10**6, "a: " + "{a: " * 10**6],
    ids=["flow lists", "block lists", "flow objects"],
)
def test_a_million_levels_do_not_crash_the_interpreter(text: str) -> None:
    """Depth ends in one refusal, never in a signal."""
    program = (
        "import sys; from pytest_llmreplay.cassette.yaml_text.reader import parse_document\n"
        "try: parse_document(sys.stdin.read())\n"
        "except Exception as problem: print(problem)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=text, capture_output=True, text=True, check=False
    )
    assert (0, "values are nested more than 200 deep; no real call is\n") == (
        done.returncode,
        done.stdout,
    )


PROPERTIES = ["a: &x 1\n", "a: !x 1\n", "a: *x\n", "a: &x {b: 1}\n", "a: !x [1]\n", "- &x a\n"]


@pytest.mark.parametrize("text", PROPERTIES)
def test_properties_are_refused_after_the_scan_too(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the scan might miss, the parser's events tell."""
    monkeypatch.setattr(reader, "refuse_danger", lambda _: None)
    with pytest.raises(CassetteDamaged, match=r"a(n anchor| tag|n alias);"):
        parse_document(text)


def test_what_no_parser_reads_is_damage_after_the_scan_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No exception of the parser is let through."""
    monkeypatch.setattr(reader, "refuse_danger", lambda _: None)
    with pytest.raises(CassetteDamaged, match="not valid YAML"):
        parse_document("a: \x00\n")


def test_depth_is_refused_after_the_scan_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser's events are counted as well."""
    monkeypatch.setattr(reader, "refuse_danger", lambda _: None)
    with pytest.raises(CassetteDamaged, match="nested more than 200 deep"):
        parse_document("[" * 300 + "]" * 300)


@pytest.fixture
def without_libyaml(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A PyYAML that was built without libyaml."""
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    reader._fastest_loader.cache_clear()
    yield
    reader._fastest_loader.cache_clear()


@pytest.mark.usefixtures("without_libyaml")
def test_slow_parser_is_said_once_and_reads_the_same() -> None:
    """Without libyaml everything works, ten times slower, and that is said."""
    with pytest.warns(UserWarning, match="built without libyaml"):
        assert {"a": "x"} == parse_document("a: x\n")
    assert {"a": 1} == parse_document("a: 1\n")


@pytest.mark.parametrize(
    ("path", "line"),
    [((), 2), (("b",), 3), (("b", "c"), 4), (("b", "c", 1), 6), (("d",), 7), (("x",), 2)],
)
def test_line_of_a_value(path: tuple[str | int, ...], line: int) -> None:
    """A value is found by its keys; the nearest one where it is missing."""
    assert line == line_of("---\na: 1\nb:\n  c:\n  - 1\n  - 2\nd: |\n  x\n", path)


def test_line_of_a_broken_document_is_its_first() -> None:
    """Asking for a place never fails."""
    assert 1 == line_of("a: [", ("a",))
