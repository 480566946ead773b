"""JSON values as hypothesis makes them: ordinary ones, and those that break YAML."""

from __future__ import annotations

import json

from hypothesis import strategies as st

NASTY = (
    " \n\t'\"\\:#-?,[]{}&*!|>%@`ab1.~=<0eE+_/"
    "\r\x00\x07\x7f\x85\xa0\u2028\u2029\ufeff\u200d\u202e\u061c\ufffe\ud800\udc00\U000e0041\U000e0100é😀漢"
)


def joined(text: str) -> str:
    """Surrogate halves that stand together as the one character they are in JSON."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def same(one: object, other: object) -> bool:
    """Whether two values are the same JSON: types, signs of zero, order of keys."""
    return json.dumps(one) == json.dumps(other)


_AMBIGUOUS = """
null true False yes NO on off y ~ << = 1 -1 1.0 1e3 .5 0x1F 0o7 017 1_000 1,000 12:30 +1 .inf -.inf
.NaN 2026-11-20 2026-11-20T17:00:00Z 2026 ... --- - ? : # & * ! | > % @ ` [] {} '' key: # -- -a ?a
:a a: #a a#b
"""
_LINES = ("", " ", "a: b", "a #b", "- a", "\n", "a\n", "\na", "a\n\n", " a\nb", "a\n  ", "a\n \nb")
WORDS = st.sampled_from([*_AMBIGUOUS.split(), *_LINES])
TEXTS = st.one_of(
    WORDS,
    st.text(max_size=30).map(joined),
    st.text(st.sampled_from(NASTY), max_size=12).map(joined),
    st.text(st.sampled_from("ab \n"), max_size=20),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(
            st.one_of(TEXTS, st.sampled_from(["role", "id", "a-b"])), inner, max_size=5
        ),
    ),
    max_leaves=20,
)
