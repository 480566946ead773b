"""Every recorded event is handed out once, in order, whatever its key line says."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest

from pytest_llmreplay.playback.playing.finder import Finder, Slot


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads change places as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def finder(*keys: str, stored: tuple[str, ...] = (), fingerprint: str = "r1") -> Finder[int]:
    """A finder whose key lines say `keys` and whose requests say `stored`."""
    slots = [
        Slot(number=n, key=key or None, fingerprint="r1" if key else None, entry=n)
        for n, key in enumerate(keys, start=1)
    ]
    truth = stored or keys
    return Finder(
        slots,
        fingerprint=fingerprint,
        key_of=lambda entry: truth[entry - 1],
        alike_of=lambda entry: truth[entry - 1].lower(),
    )


def test_equal_requests_are_answered_in_order() -> None:
    """First in, first out within a key, and any order between keys."""
    found = finder("a", "b", "a")
    assert [2, 1, 3, None] == [found.take(key) for key in "baaa"]


def test_two_hundred_equal_takes_from_eight_threads_are_distinct(hurried: None) -> None:
    """No event is handed out twice, none is lost."""
    found = finder(*["a"] * 200)
    taken: list[int | None] = []

    def work() -> None:
        taken.extend([found.take("a") for _ in range(25)])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(range(1, 201)) == sorted(entry for entry in taken if entry is not None)


def test_keys_of_other_rules_are_made_anew() -> None:
    """A new rule of matching does not force a new recording."""
    found = finder("old", "old", stored=("x", "y"), fingerprint="r1-abc123")
    assert [2, 1] == [found.take(key) for key in ("y", "x")]


def test_a_missing_or_outdated_key_line_is_no_miss() -> None:
    """A request edited by hand is found before a call counts as missed."""
    assert 1 == finder("", stored=("x",)).take("x")
    found = finder("a", "b", stored=("a", "edited"))
    assert [2, None, 1] == [found.take(key) for key in ("edited", "b", "a")]


def test_what_was_played_stays_played_when_keys_are_made_anew() -> None:
    """Computing keys hands nothing out twice."""
    found = finder("a", "a")
    assert [1, None, 2, None] == [found.take(key) for key in ("a", "z", "a", "a")]
    assert ([], frozenset({1, 2})) == (found.unused(), found.played_numbers())


def test_the_second_key_is_made_only_when_it_is_needed() -> None:
    """Redaction costs time that most calls can save."""
    found = finder("raw", "redacted")
    made: list[str] = []

    def otherwise() -> str:
        made.append("redacted")
        return "redacted"

    assert 1 == found.take("raw", otherwise)
    assert [] == made
    assert 2 == found.take("raw", otherwise)
    assert ["redacted"] == made


def test_a_call_that_is_only_alike_takes_what_no_equal_call_has_taken() -> None:
    """Equal comes first; nothing is handed out twice, however it was found."""
    found = finder("a", "A", "a", "b")
    assert 2 == (found.take("A") or found.take_alike("a"))
    assert [1, 3] == [found.take("Aa") or found.take_alike("a"), found.take("a")]
    assert [None, None] == [found.take("Aa") or found.take_alike("a"), found.take("a")]
    assert 4 == (found.take("b") or found.take_alike("b"))
    assert [] == found.unused()


def test_unused_slots_are_told_in_order() -> None:
    """What a passing test did not play."""
    found = finder("a", "b", "c")
    found.take("b")
    assert [1, 3] == [slot.number for slot in found.unused()]
