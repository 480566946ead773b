"""A pattern that can be stopped finds what Python's `re` finds."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pytest_llmreplay.cassette.matching.rules import MatchRules
from pytest_llmreplay.cassette.redaction import bounded
from pytest_llmreplay.cassette.redaction.stoppable import stoppable
from pytest_llmreplay.errors import ConfigError

ATOMS = [
    *("a", "b", "k", "S", "é", ".", "^", "$", "#", " ", "{", "}", "{}", "a{e}", r"\ ", r"\."),
    *(r"\w", r"\s", r"\d", r"\W", r"\D", r"\S", r"\b", r"\B", r"\A", r"\Z", r"\n"),
    *("[a-c]", "[^a]", r"[\w-]", r"[^\s\d]", "[[:alpha:]]", "[]a]", "[^]]", "[#]", r"[\b]"),
    *(r"\x41", r"\141", r"\0", r"\u0130", "(?#x)", "(?=a)", "(?<!a)"),
    *("(?i:k)", "(?-i:s)", r"(?a:\w)", "(?s:.)", "(?x: a #b\n)"),
]
REPEATS = ["", "", "*", "+", "?", "{1,2}", "{,2}", "{2}", "{,}", "*?", "+?", "*+"]
FLAGS = ["", "", "(?i)", "(?x)", "(?m)", "(?s)", "(?a)", "(?ia)"]
LETTERS = [*"abcAkKsS1 _-.]:[\n{}e#|\x1c\x1f\x85\xa0éßẞ"]
LETTERS += [*"\u017f\u0131\u0130\u212a\u0663\u2028\u1c89\ua7cb\ud800\U0001e900"]


def repeated(pattern: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Patterns one after the other, each with a count."""
    one = st.tuples(pattern, st.sampled_from(REPEATS)).map("".join)
    return st.lists(one, min_size=1, max_size=3).map("".join)


def grouped(pattern: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Groups of them, and choices."""
    opens = st.sampled_from(["(", "(?:", "(?>"])
    choice = st.tuples(pattern, st.sampled_from(ATOMS)).map("|".join)
    return repeated(pattern | st.tuples(opens, pattern | choice, st.just(")")).map("".join))


PATTERNS = st.tuples(
    st.sampled_from(FLAGS),
    grouped(grouped(repeated(st.sampled_from(ATOMS)))),
    st.sampled_from(["", "", r"\1"]),
).map("".join)


@settings(max_examples=400, deadline=None)
@given(PATTERNS, st.text(st.sampled_from(LETTERS), max_size=8))
def test_every_pattern_finds_what_re_finds(pattern: str, text: str) -> None:
    """Whatever it is made of: sets, classes, flags, groups, counts, comments."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = re.compile(pattern)
    except re.error:
        assume(condition=False)
    found = [(one.span(), one.groups()) for one in read.finditer(text)]
    assert found == [(one.span(), one.groups()) for one in stoppable(read, text).finditer(text)]


@pytest.mark.parametrize(
    "pattern",
    [r"\w+", r"\s+", r"\d+", r"[^\W_]+", "(?i)[a-zß-ü]+", "(?i)k+", "(?a)[^\\S]+"],
)
def test_every_character_is_what_re_takes_it_for(pattern: str) -> None:
    """All of Unicode, block by block."""
    read = re.compile(pattern)
    for first in range(0, 0x110000, 0x4000):
        text = "".join(map(chr, range(first, first + 0x4000)))
        found = [one.span() for one in read.finditer(text)]
        assert found == [one.span() for one in stoppable(read, text).finditer(text)]


def test_the_time_is_that_of_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many texts that each take a while are stopped as one that takes too long is."""
    monkeypatch.setattr(bounded, "_SECONDS", 0.2)
    rules = MatchRules(replace=((r"(a|a)+b", ""),))
    rules.applied(["a" * 18])
    with pytest.raises(ConfigError, match="takes too long on the texts of this call"):
        rules.applied(["a" * 18 + str(number) for number in range(1000)])
