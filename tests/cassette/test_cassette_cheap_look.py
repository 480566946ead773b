"""The first look for secrets misses none, and what it found clean is known again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.cassette.redaction import cheap_look
from pytest_llmreplay.cassette.redaction.cheap_look import CleanPieces, folded
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.cassette.redaction.secret_names import might_name_secret
from pytest_llmreplay.cassette.redaction.secret_shapes import _found, might_show_secret

SECRET = "sk-proj-a1B2c3D4e5F6g7H8"
RUN = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4"
PIECES = st.sampled_from(
    [
        *["sk-", "gsk_", "AKIA", "SG.", "eyJ", ".eyJ", "ghp_", RUN, RUN.upper()[:16]],
        *["Bearer ", "bearer ", "Authorization: ", "AUTHORIZATION=", "Basic ", "dXNlcjpwdw=="],
        *["api-key: ", "Api-Key=", "api_key: ", "API-KEY", "Cookie: ", "OOKIE: ", "a=b1"],
        *["-----BEGIN ", "PRIVATE KEY-----", "://u:p@h", "://", ":", "@", "/", " ", "-", "_"],
        *["\\", "\\n", "\\u00e9", '"', "'", "é", "\N{KELVIN SIGN}", "\n", ", "],
    ]
)


@given(st.lists(PIECES, max_size=8).map("".join))
def test_no_shape_is_missed(text: str) -> None:
    """Where the first look says no, no pattern finds anything."""
    data = text.encode()
    if not might_show_secret(data, folded(data)):
        assert [] == list(_found(text))


@given(
    words=st.sampled_from([("api", "key"), ("Client", "Secret"), ("PASSWORD",), ("set", "cookie")]),
    between=st.sampled_from(["", "-", "_"]),
    quote=st.sampled_from("\"'"),
    depth=st.integers(0, 20),
    kelvin=st.booleans(),
)
def test_no_name_is_missed(
    words: tuple[str, ...], between: str, quote: str, depth: int, *, kelvin: bool
) -> None:
    """A name counts in every spelling, however often its quotes are escaped."""
    name = between.join(words)
    name = name.replace("k", "\N{KELVIN SIGN}") if kelvin else name
    end = "\\" * depth + quote
    assert might_name_secret(folded(f"é{{{end}{name}{end}: {end}x{end}}}".encode()))


@given(st.lists(PIECES, max_size=6).map("".join), st.lists(PIECES, max_size=6).map("".join))
def test_what_a_quote_parts_is_looked_at_apart(one: str, other: str) -> None:
    """A secret shows in the text before a quote, or in that behind it, and in nothing else."""
    redactor = Redactor()
    apart = [redactor.might_change(part.encode()) for part in (one, other)]
    assert any(apart) == redactor.might_change(f'{one}"{other}'.encode())


@pytest.mark.parametrize("text", ["set api_key first", "we begin here", "the apikey", "max_tokens"])
def test_words_of_programs_are_no_secrets(text: str) -> None:
    """Nothing is searched for the sake of a word alone."""
    assert not Redactor().might_hold_secret(text)


@pytest.mark.parametrize("escape", [rb"\n", rb"\x1b", rb"\u00e9", rb"\U000e0041"])
def test_a_token_right_behind_an_escape_is_seen(escape: bytes) -> None:
    """Each escape that a cassette writes ends before the token begins."""
    data = escape + b"ghp_" + b"a1B2" * 9
    assert might_show_secret(data, folded(data))


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
    monkeypatch.setattr(cheap_look, "_MOST", 10)
    known = CleanPieces()
    known.remember({b"12345", b"678"})
    known.remember({b"abc"})
    assert {b"678"} == known.others(b"678")
