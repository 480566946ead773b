"""Nothing from outside has an effect where it is shown."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_llmreplay.report.text.sanitise import finished, for_encoding, guttered, safe, safe_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b]52;c;eA==\x07", r"\x1b]52;c;eA==\x07"),
        ("a\rb", r"a\rb"),
        ("a\x85b\u2028c\u2029d", r"a\x85b\u2028c\u2029d"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("a\ufe0f", r"a\ufe0f"),
        ("\u2764\ufe0f", "\u2764\ufe0f"),
        ("e\u0301", "e\u0301"),
        ("e" + "\u0301" * 6, "e" + "\u0301" * 4 + r"\u0301\u0301"),
        ("\u4f60\u597d\u3000!", "\u4f60\u597d\u3000!"),
        ("::stop-commands::x", r"\x3a:stop-commands::x"),
        ("  ::add-mask::x", r"  \x3a:add-mask::x"),
        ("\u00a0::error::x", "\u00a0" + r"\x3a:error::x"),
        ("x ::error::", "x ::error::"),
        ("x ##[error]y", r"x \x23#[error]y"),
        ("###[error]", r"#\x23#[error]"),
        ("##vso[task.setvariable]x", r"\x23#vso[task.setvariable]x"),
        ("## Title", "## Title"),
    ],
)
def test_what_would_act_is_an_escape(text: str, shown: str) -> None:
    """And what only speaks is left alone."""
    assert shown == safe(text)
    assert shown == safe_line(text)


def test_line_feeds_stay_and_tabs_become_blanks_in_a_text_of_lines() -> None:
    """On one line both are escapes."""
    assert "a   b\n::x".replace("::", r"\x3a:") == safe("a\tb\n::x")
    assert r"a\tb\n::x" == safe_line("a\tb\n::x")


@given(st.text())
@example("#\u200d#[error]")
@example("##\u034f[x]")
def test_a_safe_text_is_printable_and_stays_as_it_is(text: str) -> None:
    """Safe twice is safe once."""
    shown = safe(text)
    assert shown == safe(shown)
    left = {unicodedata.category(c) for c in shown if not c.isprintable() and c != "\n"}
    assert left <= {"Zs"}
    assert "\n" not in safe_line(text)


@given(st.lists(st.text(alphabet="#:[ vso]\n\u00a0x", max_size=12), max_size=6))
def test_putting_texts_side_by_side_makes_no_command(texts: list[str]) -> None:
    """What leaves the stage is looked at once more."""
    for line in finished(["".join(map(safe_line, texts)), *guttered(map(safe_line, texts))]):
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line


@pytest.mark.parametrize(
    "encoding", ["ascii", "cp1252", "latin-1", "utf-8", "koi8-r", "nonsense", None]
)
@given(text=st.text())
@example(text="\u2502 \u2192 \u2212 \u2026 \ud800 \u4f60")
def test_every_output_can_take_it(encoding: str | None, text: str) -> None:
    """No encoding of stdout raises, and none brings a command back."""
    shown = for_encoding(safe(text), encoding)
    shown.encode("ascii" if encoding in {None, "nonsense"} else str(encoding))
    assert not any(line.lstrip().startswith("::") for line in shown.split("\n"))


def test_our_own_signs_have_plain_forms() -> None:
    """The gutter of an ASCII terminal is still a gutter."""
    assert "| 0.5 s -> 0.9 s, -7 %" == for_encoding("\u2502 0.5 s \u2192 0.9 s, \u22127 %", "ascii")
