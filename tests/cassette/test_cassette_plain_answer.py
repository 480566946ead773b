"""The quick way to an answer gives what the documents give, or leaves the answer to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cassette.json_values import TEXTS, VALUES
from cassette.made_events import answer, event, piece
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.capture.tape import Playback
from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.header import Header, header_text
from pytest_llmreplay.cassette.documents.layout import event_text
from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import (
    Chunk,
    Failure,
    HttpResponse,
    Json,
    JsonBody,
    Measured,
    StreamBody,
    TextBody,
)
from pytest_llmreplay.playback.playing.answered import playback_of, playback_of_head

CHAT = "http://localhost/v1/chat/completions"
HEADER = Header(test="tests/test_a.py::test_a")


def opened(text: str) -> Cassette:
    """A cassette with one document."""
    return Cassette.of((header_text(HEADER) + text).encode(), path=Path("a.yaml"))


def quick(cassette: Cassette) -> Playback | None:
    """The answer of the first event, by the quick way."""
    plain = cassette.plain_answer(0)
    if plain is None:
        return None
    head = plain.head
    return playback_of_head(
        head.status,
        head.headers,
        url=CHAT,
        request_id=plain.request_id,
        chunks=plain.pieces,
        ended=head.ended,
    )


def slow(cassette: Cassette) -> Playback:
    """The answer of the first event, as its document gives it."""
    document = cassette.document(0)
    return playback_of(document.response, url=CHAT, request_id=document.measured.request_id)


@given(VALUES)
def test_the_quick_way_gives_what_the_document_gives(value: Json) -> None:
    """Whatever JSON an answer is, both ways play the same bytes."""
    told = HttpResponse(status=200, headers={"a": "b"}, body=JsonBody(value=value))
    cassette = opened(event_text(event(came=told), header=HEADER))
    assert quick(cassette) in (None, slow(cassette))


@pytest.mark.parametrize(
    "named",
    [
        "req_01wLUds3PevX",
        "0b9d5e6c-52f4-4a8e",
        "1e5",
        "null",
        "a b",
        "it's",
        "a\\b",
        "a, b}",
        "é",
        "",
    ],
)
def test_the_name_of_a_call_is_read_alike(named: str) -> None:
    """Clients show it; one that no header can hold is left out on both ways."""
    measured = replace(event(came=answer()), measured=Measured(request_id=named))
    cassette = opened(event_text(measured, header=HEADER))
    assert quick(cassette) in (None, slow(cassette))
    fits = named.isascii() and named.isprintable() and " " not in named and bool(named)
    assert (named if fits else None) == dict(slow(cassette).all_headers).get("x-request-id")


NAMES: Mapping[str, str | int] = {
    "chatcmpl-#1": "chatcmpl-Ab1",
    "call_#1": "call_x-2",
    "created#1": 1790000000,
}
NAMED = st.recursive(
    st.sampled_from([*NAMES, "call_#1 ", "call_#1\n", "C# and call_#1", '"call_#1"', 7, None]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
)


TOLD = [
    *["{ids: {x-#1: 'a'}}", "{model: 'a, b', ids: {x-#1: b}}", "{ids: {x-#1: 'a', x-#2: 12}}"],
    *["{request_id: a, ids: {x-#1: b}}", "{model: a, request_id: b}"],
    *["{ids: {created#1: 12}}", "{ids: {created#1: '12'}}"],
    *["{ids: {took#1: 1.5}}", "{ids: {took#1: 1.50}}", "{ids: {at#1: '2026-11-20T17:00:00Z'}}"],
]
TOLD_ODDLY = [
    *["{ids: {x-#1: a}, at: b}", "{model: 'a, ids: {x-#1: b}}'}", "{my_ids: {x-#1: a}}"],
    *["{at: 'it''s', ids: {x-#1: 'a''b'}}", "{ids: {x-#1: a b}}", "{ids: {x: a, x-#1: b}}"],
    *["{ids: {x-#1: a,x-#2: b}}", "{ids: {}}", "{ids: {x-#1: é}}", '{ids: {x-#1: "a"}}'],
    *["{model: 'a, request_id: b, c', ids: {x-#1: a}}", "{request_id: null, ids: {x-#1: a}}"],
    *[
        "{request_id: 12}",
        "{request_id: 'null'}",
        "{request_id: 'a''b'}",
        "{request_id: }",
        "{request_id: 'a b'}",
        "a",
    ],
    "{ids: {created#1: x}}",
]
"""Not as we write it: the document has to be read."""


@pytest.mark.parametrize("told", [*TOLD, *TOLD_ODDLY])
def test_whatever_is_measured_is_read_alike(told: str) -> None:
    """Also where somebody has written into that line."""
    names: list[Json] = ["x-#1", "created#1", "took#1", "at#1"]
    response = HttpResponse(status=200, body=JsonBody(value={"id": names}))
    text = event_text(event(came=response), header=HEADER).removesuffix("...\n")
    cassette = opened(f"{text}measured: {told}\n...\n")
    played = quick(cassette)
    if told in TOLD_ODDLY:
        assert played is None
    else:
        assert slow(cassette) == played


@given(NAMED)
def test_short_names_become_what_was_drawn_on_the_quick_way_too(value: Json) -> None:
    """As a whole value, wherever it stands, and in no longer text."""
    told = HttpResponse(status=200, body=JsonBody(value={"id": "chatcmpl-#1", "told": value}))
    cassette = opened(event_text(event(came=told), header=HEADER, names=NAMES))
    assert quick(cassette) in (None, slow(cassette))
    assert NAMES["chatcmpl-#1"] == json.loads(b"".join(slow(cassette).chunks))["id"]


BY_HAND = [
    *["id: chatcmpl-#1", r'id: "chatcmpl-\u00231"', "id: 'chatcmpl-#1'", "id: {a: call_#1}"],
    *["id: |-\n      chatcmpl-#1", "id: |\n      chatcmpl-#1", "id: [call_#1, 'call_#1']"],
    *["a: |\n      x", "a: |\n        x", "a: |2\n        x\n      y", "a: |+\n      x\n", "a: |"],
    *[
        "a: |\n      a: |\n      b",
        "a: |x\n      y",
        "a: |\n      x\n\n\n",
        "a: |-\n\n      x",
        "a: |2",
    ],
    *[
        "a:",
        "a: ",
        "a: {}",
        "a: []",
        "a: {b: 1, b: 2}",
        'a: [{"b": 1, "b": 2}]',
        "a: {b: 1",
        "a: }",
    ],
    *[
        "a: [[1e999]]",
        "a: [[NaN]]",
        "a: NaN",
        "a: 1e999",
        "a: 1" + "0" * 5000,
        "a: [[1" + "0" * 5000,
    ],
    *[
        r'a: ["\ud800"]',
        r'a: "\ud83d\ude00"',
        r'a: "\ud800"',
        r'a: "\ud83d" "\ude00"',
        r'a: "\x41"',
    ],
    *['a: "x: y"', '"a: b": c', "'a': b", "a:b", "a: b: c", "a: b # c", "a: b#c", "- a", "- a: b"],
    *["a: yes", "a: 007", "a: -0", "a: 1.0", "a: 1e3", "a: 1.50", "a: .5", "a: null", "a: Null"],
    *[
        "a: ~",
        "a: *x",
        "a: &x y",
        "a: !!str 1",
        "a: %x",
        "a: @x",
        "a: `x",
        "a: >\n      b",
        "a: true",
    ],
    *[
        'a: "b\n      c"',
        "a: b\n      c",
        "? a\n    : b",
        "a: 'it''s'",
        "a: ''",
        'a: ""',
        'a: "\t"',
    ],
    *[
        "a: b\tc",
        "a: b\u2028c",
        "a: \ue000",
        'a: "\ue000"',
        "a: \ue000\ue000",
        'a: ü "ö" \\',
        "ü: é",
    ],
    *[
        "a:\n    - b: c\n      d: e\n    - f",
        "a:\n    -  b",
        "a:\n    - b\n    - c",
        "a:\n    - {b: c}\n    - d: e",
        "a:\n    - {b: c",
        "a:\n    - {b: c}: d",
        "a:\n    - - {b: 1}\n      - [c, 'call_#1']",
        "a:\n    - [1, 2] x",
        "a:\n    -  {b: c}",
        "a:\n    - {b: c} # d",
        "a:\n    - {b: c,\n      d: e}",
        "- {b: c}",
        "a:\n     b: c",
    ],
    *[
        "a: b\n    a: c",
        "a: b\n    z: c",
        "a: b\r",
        "a: b\x85c",
        "a: b\x00",
        "a: b ",
        " a: b",
        "\ta: b",
    ],
    *[
        "a: b\n  ended: left",
        "a: b\n\n    c: d",
        "a: b\n    # c",
        "a: b\n...\n",
        "a: '\nresponse:\n  b'",
    ],
]
"""Lines that a person may write, and some that nobody should."""


@pytest.mark.parametrize("line", BY_HAND)
def test_what_a_person_writes_is_read_alike_or_left_to_the_document(line: str) -> None:
    """The quick way never says more than the reader that decides, whatever it knows already."""
    for known in ("x", "y", "x\ny"):
        told = HttpResponse(status=200, body=JsonBody(value={"a": known, "z": 1}))
        assert quick(opened(event_text(event(came=told), header=HEADER))) is not None
    told = HttpResponse(status=200, body=JsonBody(value={"z": 1}))
    text = event_text(event(came=told), header=HEADER, names=NAMES)
    text = text.replace("  body:\n    z: 1\n", f"  body:\n    {line}\n    z: 1\n")
    try:
        cassette = opened(text)
        expected = slow_by_reader(cassette)
    except CassetteDamaged:
        assert "..." in line or quick(cassette) is None
    else:
        assert quick(cassette) in (None, expected)


def slow_by_reader(cassette: Cassette) -> Playback:
    """The answer as the reader decides it that reads other people's lines too."""
    document = cassette.document(0)
    document.sections.read_whole()
    return playback_of(document.response, url=CHAT, request_id=None)


@given(VALUES, VALUES)
def test_one_shape_with_other_scalars_is_read_alike(one: Json, other: Json) -> None:
    """What was learned of one document holds for the next."""
    for value in (one, other, one):
        body: Json = {"choices": [{"index": 0, "message": {"content": value}}], "usage": {"n": 1}}
        told = HttpResponse(status=200, body=JsonBody(value=body))
        cassette = opened(event_text(event(came=told), header=HEADER))
        assert quick(cassette) in (None, slow(cassette))


def test_answers_alike_are_read_alike() -> None:
    """Equal scalars may differ later, a short name may mean another id, a line become a block."""
    for text, number, name in zip(
        "abcabc", (1, 1, 2, 1, 10**20, -1), ["1", "1", "2"] * 2, strict=True
    ):
        texts: list[Json] = [text, f"{text}\n  {text}", f'"{text}"', f"{text}\n\n", None, {}]
        for told in texts:
            body: Json = {
                "id": "x-#1",
                "model": "m",
                "text": told,
                "count": number,
                "last": ["x-#1", text],
            }
            response = HttpResponse(status=200, body=JsonBody(value=body))
            names = {"x-#1": f"x-{name}"}
            cassette = opened(event_text(event(came=response), header=HEADER, names=names))
            played = quick(cassette)
            assert played is not None
            assert slow(cassette) == played


SHORT = {"type": "text", "text": "I'm sorry: it is late."}
CALL = {"type": "tool_use", "id": "call_#1", "name": "order", "input": {"order": ["A-1", 2]}}
LONG = {"type": "text", "text": "We have three of these wheels in stock. " * 4}


def test_elements_of_a_list_on_one_line_are_taken_the_quick_way() -> None:
    """As short parts of an answer stand there, whatever answers were like before."""
    lists: Any = ([SHORT], [SHORT, CALL], [LONG], [SHORT], [CALL, LONG], [CALL, CALL], [LONG], [])
    for parts in lists:
        told = HttpResponse(status=200, body=JsonBody(value={"id": "m-1", "content": parts}))
        cassette = opened(event_text(event(came=told), header=HEADER, names=NAMES))
        played = quick(cassette)
        assert played is not None
        assert slow(cassette) == played


def test_a_plain_answer_is_taken_the_quick_way() -> None:
    """The usual answer needs no document, with blocks of several lines or without."""
    for text in ("hi", "Hello,\n\n  a | b\nbye", "a\n\n", ' b"\n'):
        cassette = opened(event_text(event(came=answer(text)), header=HEADER))
        assert playback_of(answer(text), url=CHAT, request_id=None) == quick(cassette)


def as_json(text: str) -> str:
    """A text as a server writes it: half a pair of surrogates can only stand as an escape."""
    halved = any("\ud800" <= character <= "\udfff" for character in text)
    return json.dumps(text, ensure_ascii=halved)


def pieces(texts: list[str], *, padded: bool, key: str) -> HttpResponse:
    """A stream of chat completions, each of whose pieces tells a text as JSON."""
    told = [f'{{"{key}":{as_json(text)}}}' for text in texts]
    chunks = [piece('{"role":"assistant","content":""}'), *map(piece, told), piece("{}", '"stop"')]
    if padded:
        chunks = [chunk.replace(b'"model"', b'"obfuscation":"ab","model"') for chunk in chunks]
    made = [chunk.replace(b'"c1"', b'"chatcmpl-#1"') for chunk in chunks] + [b"data: [DONE]\n\n"]
    body = StreamBody(chunks=tuple(Chunk(at=at / 10, data=data) for at, data in enumerate(made)))
    return HttpResponse(status=200, headers={"a": "b"}, body=body)


STREAMED = st.builds(
    pieces,
    st.lists(st.one_of(TEXTS, st.sampled_from([*NAMES, "x", "100%", "\0"])), max_size=8),
    padded=st.booleans(),
    key=st.sampled_from(["content", "refusal", "reasoning_content", "text", "x"]),
)


@given(STREAMED, st.booleans())
def test_a_stream_is_played_alike_on_the_quick_way(came: HttpResponse, named: bool) -> None:
    """Whatever its texts are, and whatever short names stand in it."""
    names = NAMES if named else None
    cassette = opened(event_text(event(came=came), header=HEADER, names=names))
    assert quick(cassette) in (None, slow_or_damaged(cassette))


def slow_or_damaged(cassette: Cassette) -> Playback | None:
    """The answer as its document gives it; none where it refuses to."""
    try:
        return slow(cassette)
    except CassetteDamaged:
        return None


@pytest.mark.parametrize("padded", [False, True])
def test_a_stream_is_taken_the_quick_way(padded: bool) -> None:
    """Its bytes are exact, and what was drawn stands in every piece."""
    came = pieces(["Hel", "lo, ", "50 % \\n", "ü"], padded=padded, key="content")
    cassette = opened(event_text(event(came=came), header=HEADER, names=NAMES))
    played = quick(cassette)
    assert played is not None
    assert slow(cassette) == played
    assert 6 == sum(b'"id":"chatcmpl-Ab1"' in chunk for chunk in played.chunks)


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("- text: Hello", "- text: hello"),
        ("- finish_reason: stop", "- finish_reason: length"),
        ("- finish_reason: stop\n", "- finish_reason: stop\n- text: more\n"),
        ("- finish_reason: stop\n", ""),
        ('"lo"', '"ho"'),
        ('"lo"', '"lo" "lo"'),
        ('"lo"', '"lo"x'),
        ('"lo"', "lo"),
        ("  stream: |", "  framing: [no-space]\n  stream: |"),
        ("  stream: |", "  framing: [nonsense]\n  stream: |"),
        ("  stream: |\n", "  stream: |\n     "),
        ("measured:", "  ended: cut\nmeasured:"),
        ("measured:", "  ended: cat\nmeasured:"),
        ("api: chat_completions", "api: messages"),
        ("api: chat_completions", "api: unknown"),
    ],
)
def test_a_stream_that_was_edited_is_left_to_the_document(line: str, instead: str) -> None:
    """What disagrees is refused whenever the event is read; what does not is played so."""
    came = pieces(["Hel", "lo", "\\n"], padded=False, key="content")
    text = event_text(event(came=came), header=HEADER, names=NAMES)
    assert line in text
    cassette = opened(text.replace(line, instead))
    assert quick(cassette) in (None, slow_or_damaged(cassette))
    assert "framing: [no-space]" in instead or quick(cassette) is None or instead.endswith("     ")


@pytest.mark.parametrize(
    "response",
    [
        Failure(kind="connect"),
        HttpResponse(status=500, body=TextBody(text="no")),
        HttpResponse(status=204),
    ],
)
def test_all_other_answers_are_left_to_the_document(response: HttpResponse | Failure) -> None:
    """Failures and texts are not plain answers."""
    cassette = opened(event_text(event(came=response), header=HEADER))
    assert quick(cassette) is None


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("  status: 200\n", "  status: '200'\n"),
        ("  status: 200\n", "  state: 200\n"),
        ("response:\n", "responses:\n"),
        ("...\n", "junk: 1\n...\n"),
    ],
)
def test_a_damaged_answer_is_refused_as_ever(line: str, instead: str) -> None:
    """What is wrong with a document is still told."""
    text = event_text(event(came=answer("hi")), header=HEADER)
    cassette = opened(text.replace(line, instead))
    assert quick(cassette) is None
    with pytest.raises(CassetteDamaged):
        _ = cassette.document(0).response
