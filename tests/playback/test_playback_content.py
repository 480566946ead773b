"""Bytes of the wire become the body that a cassette can hold."""

from __future__ import annotations

import pytest

from pytest_llmreplay.cassette.matching.keys import MatchRules, key_unredacted, match_key
from pytest_llmreplay.event import JsonBody, TextBody
from pytest_llmreplay.playback.live.content import body_of

URL = "http://127.0.0.1/v1/chat/completions"
INFINITE = b'{"model": "m", "x": 1e400}'


def nested(levels: int) -> bytes:
    """A request whose body has lists in lists."""
    return b'{"model": "m", "x": ' + b"[" * levels + b"]" * levels + b"}"


@pytest.mark.parametrize(("levels", "kind"), [(150, JsonBody), (250, TextBody), (50_000, TextBody)])
def test_json_too_deep_for_a_cassette_is_text(levels: int, kind: type) -> None:
    """What could not be read back as YAML is kept as the text that it is."""
    assert kind is type(body_of(nested(levels)))


def test_a_number_that_no_cassette_can_hold_is_text() -> None:
    """Python reads one beyond its floats as infinite, which is no JSON."""
    assert isinstance(body_of(INFINITE), TextBody)
    assert isinstance(body_of(b'{"x": 1e300}'), JsonBody)


@pytest.mark.parametrize("content", [nested(250), INFINITE], ids=["deep", "infinite"])
def test_json_kept_as_text_matches_the_call_that_it_was(content: bytes) -> None:
    """The key of such a request is the same, sent or stored, whatever blanks it has."""
    rules = MatchRules()
    sent, _ = key_unredacted("POST", URL, content, rules)
    stored = body_of(content.replace(b" ", b""))
    assert sent == match_key("POST", URL, stored, rules)
