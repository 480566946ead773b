"""The scan refuses no legal text and lets no property through."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_llmreplay.cassette.yaml_text.reader import parse_document
from pytest_llmreplay.cassette.yaml_text.scan import refuse_danger
from pytest_llmreplay.errors import CassetteDamaged

LEGAL = [
    'text: "a & b *c !d"\n',
    "text: a & b *c !d [e {f\n",
    "text: hello\n  &not *an !anchor\n  - nor a list\n",
    "text: 'it''s\n  &fine *here !too'\n",
    'text: "a \\" b\n  &c"\n',
    "text: |\n  &a *b !c [[[ {{{ '\n  \"\n",
    "text: >-\n  folded\n\n  *bold* text\n",
    "text: |2\n    more *blanks*\n  here\n",
    "- |\n &a\n- x\n",
    "- - |\n   &a\n   [\n  - b\n",
    "a:\n- b: |\n    &x\n  c: d\n",
    "a: # *comment*\n  b\n",
    "a: b # &comment\n",
    "# &comment\na: b\n",
    "a: [b &c, d*e, 'f', \"g\", h!i]\n",
    "a: {b: c &d,\n  # *comment\n  e: f}\n",
    "a: {\"b\": c, 'd': e}\n",
    "a: x*y\nb: -&c\n",
    "? a\n: b\n? |\n  &c\n: d\n",
    "--- text\n  &more\n",
    "--- |\n &text\n",
    "a: b:c\nd: e#f\nurl: http://x/?a=1&b=*\n",
    "a: |\n\n  &x\n\n\nb: c\n",
    "a:\n  b\n  &c\n",
    "a: |-\n  x\n# comment\nb: c\n",
    "a: {b: \xa0&c, \u3000*d: [\u202f!e]}\n",
]


@pytest.mark.parametrize("text", LEGAL)
def test_legal_text_passes(text: str) -> None:
    """Quotes, blocks, comments and text over several lines are only text."""
    assert list(yaml.parse(text))
    refuse_danger(text)


TOKENS = st.sampled_from(
    [
        *["&a ", "*b", "!c ", "- ", "k: ", "- - ", "'o'", '"p"', "'q\n  r'", '"s\n  t"', "|\n"],
        *[
            "|2\n",
            ">-\n",
            "[",
            "]",
            "{",
            "}",
            ", ",
            ": ",
            "\n",
            "\n  ",
            "\n    ",
            "\n ",
            "w",
            "w x",
        ],
        *["# c\n", "\n# c\n", " #d", "? ", "\n: ", "'", '"', "a&b", "a *b", "x:y", "-z", "k:\n"],
        *["k:\n  ", "? x\n", '"k": ', "[a]: ", "...", "\n---\n", "''", "a\n  &b c", "a\n  *b"],
        "- |\n   q\n  &x\n",
    ]
)


@example("{# comment\n  &a }")
@given(st.lists(TOKENS, min_size=1, max_size=12).map("".join))
def test_scan_agrees_with_the_parser_about_properties(text: str) -> None:
    """Of what is valid YAML, the scan refuses what holds a property, and nothing else."""
    try:
        events = list(yaml.parse(text, Loader=yaml.BaseLoader))
    except yaml.YAMLError:
        return
    if any(has_property(event) for event in events):
        with pytest.raises(CassetteDamaged):
            refuse_danger(text)
    else:
        refuse_danger(text)


def has_property(event: yaml.Event) -> bool:
    """Whether the parser found an anchor, an alias or a tag."""
    return bool(getattr(event, "anchor", None) or getattr(event, "tag", None))


SOUP = "&a *b !c - d e: f: g #h i #j [k l] {m n} 'o' \"p\" | > --- ... ? ?x :y %z @ ` word"
WORDS = st.sampled_from([*SOUP.split(), "\n", "\n\n", " "])
TEXTS = st.lists(WORDS, max_size=14).map(" ".join)
VALUES = st.recursive(
    TEXTS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(TEXTS.map(lambda key: key[:30]), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(
    value=VALUES,
    in_flow=st.sampled_from([True, False, None]),
    style=st.sampled_from([None, "'", '"', "|", ">"]),
    width=st.sampled_from([10, 20, 80]),
    indent=st.sampled_from([2, 4, 7]),
)
def test_yaml_in_any_style_is_read_right(
    *, value: object, in_flow: bool | None, style: str | None, width: int, indent: int
) -> None:
    """What PyYAML writes in all its styles, with folded lines, means the same to us."""
    text = yaml.dump(
        value,
        Dumper=yaml.SafeDumper,
        default_flow_style=in_flow,
        default_style=style,
        width=width,
        indent=indent,
        sort_keys=False,
    )
    if value == written_right(text):
        assert value == parse_document(text)


def written_right(text: str) -> object:
    """What PyYAML reads from its own text; now and then that is no YAML at all."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None
