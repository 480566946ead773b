"""Personal data that functions of the user find."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import pytest

from pytest_llmreplay.cassette.matching.keys import MatchRules, key_of_raw, key_of_stored
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.errors import RedactionFailed
from pytest_llmreplay.event import Chunk, HttpRequest, HttpResponse, JsonBody, StreamBody

URL = "https://api.openai.com/v1/chat/completions"


def customers(text: str) -> list[str]:
    """Names of two customers."""
    return [name for name in ("Ann", "Ann Lee", "Bo Ek") if re.search(rf"\b{name}\b", text)]


def test_a_text_that_is_found_becomes_the_same_placeholder_everywhere() -> None:
    """As a whole and the longest first; what was redacted stays as it is."""
    redactor = Redactor(own={"customer": customers})
    once = redactor.text("Ann Lee wrote to Bo Ek, and Ann Lee asked about the Annual report.")
    assert (
        "[REDACTED_CUSTOMER_1] wrote to [REDACTED_CUSTOMER_2], and [REDACTED_CUSTOMER_1] asked "
        "about the Annual report."
    ) == once
    assert once == redactor.text(once)
    assert "[REDACTED_CUSTOMER_2]!" == redactor.text("Bo Ek!")


def test_kinds_stand_beside_rules_and_meet_nobody_who_is_there_already() -> None:
    """A number that a text holds belongs to somebody else."""
    redactor = Redactor(["email"], own={"customer": customers})
    assert "[EMAIL_1] [REDACTED_CUSTOMER_5] [REDACTED_CUSTOMER_4]" == redactor.text(
        "a@example.org Bo Ek [REDACTED_CUSTOMER_4]"
    )
    assert "[REDACTED_CUSTOMER_1]" == redactor.anew().text("Bo Ek")


def test_a_name_that_a_stream_cuts_into_pieces_is_found() -> None:
    """What no piece shows is found in their words together."""
    said = (
        b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n' % word for word in (b"Bo", b" Ek")
    )
    body = StreamBody(chunks=tuple(Chunk(at=0.0, data=data) for data in said))
    response = HttpResponse(status=200, headers={}, body=body)
    kept = Redactor(own={"customer": customers}).response(response).body
    assert isinstance(kept, StreamBody)
    assert b"Ek" not in b"".join(chunk.data for chunk in kept.chunks)


def test_keys_are_the_same_with_the_function_and_for_who_does_not_know_it() -> None:
    """`check` runs no code of a project, and a number of a person counts for nothing."""

    def body(name: str) -> bytes:
        return b'{"model":"m","messages":[{"role":"user","content":"I am %s"}]}' % name.encode()

    redactor = Redactor(own={"customer": customers})
    redactor.text("Ann Lee")
    key = key_of_raw("POST", URL, body("Bo Ek"), MatchRules(), redactor)
    stored = redactor.request(
        HttpRequest(
            method="POST", url=URL, headers={}, body=JsonBody(value=json.loads(body("Bo Ek")))
        )
    )
    assert "[REDACTED_CUSTOMER_2]" in str(stored.body)
    assert key == key_of_stored(stored, MatchRules(), Redactor())
    assert key != key_of_raw("POST", URL, body("Cy"), MatchRules(), redactor)


def failing(text: str) -> Iterable[str]:
    """Always raises."""
    raise ValueError(f"{len(text)} characters")


@pytest.mark.parametrize(
    ("finder", "told"),
    [
        (failing, "ValueError: 5 characters"),
        (lambda _: "Bo Ek", "gave a text, not a list of texts"),
        (lambda _: None, "TypeError: 'NoneType' object is not iterable"),
        (lambda _: [""], "gave '', which is no text"),
        (lambda _: [["Bo"]], "gave ['Bo'], which is no text"),
        (lambda text: [text.lower()], "gave a text that does not stand there as it is"),
        (lambda _: ["B"], "gave a text that does not stand there as it is"),
    ],
)
def test_a_function_that_fails_lets_nothing_through(finder: Any, told: str) -> None:
    """It is named; the text in question is not."""
    with pytest.raises(RedactionFailed) as caught:
        Redactor(own={"customer": finder}).text("Bo Ek")
    assert f"pytest_llmreplay_redact: customer{':' if 'Error' in told else ''} {told}" == str(
        caught.value
    )
