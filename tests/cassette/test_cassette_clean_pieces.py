"""Pieces of calls that were found clean are known again, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.cassette.redaction import clean_pieces
from pytest_llmreplay.cassette.redaction.clean_pieces import CleanPieces
from pytest_llmreplay.cassette.redaction.redactor import Redactor

SECRET = "sk-proj-a1B2c3D4e5F6g7H8"


def test_what_was_clean_is_known_again() -> None:
    """Only what is new in the next call of a session is left to look at."""
    known = CleanPieces()
    known.remember(known.others(b'{"role": "user", "content": "Hello."}'))
    assert {b"Goodbye."} == known.others(b'{"role": "user", "content": "Goodbye."}')


@given(before=st.lists(st.sampled_from(["a", "b", "api_key", "-", "sk"])), after=st.text())
def test_a_secret_among_known_pieces_is_seen(before: list[str], after: str) -> None:
    """Whatever was said before it, and whatever stands around it."""
    redactor = Redactor()
    for text in before:
        redactor.might_change(f'{{"content": "{text}"}}'.encode())
    data = f'{{"content": "{SECRET}", "more": "{after}"}}'
    assert redactor.might_change(data.encode())
    assert redactor.might_change(data.encode())


def test_what_is_remembered_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run over many files of media does not keep them all."""
    monkeypatch.setattr(clean_pieces, "_MOST", 10)
    known = CleanPieces()
    known.remember({b"12345", b"678"})
    known.remember({b"abc"})
    assert {b"678"} == known.others(b"678")
