"""What is written of a finished call while the application waits: all of it, and no secret."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.matching.keys import MatchRules
from pytest_llmreplay.cassette.partial.file import KeptEntry
from pytest_llmreplay.cassette.partial.journal import Journal
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.errors import CassetteDamaged, SecretFound
from pytest_llmreplay.event import Event, Failure, HttpRequest, HttpResponse, Json, Session
from pytest_llmreplay.playback.live.entry_reader import call_of
from pytest_llmreplay.playback.live.live_event import event_of
from pytest_llmreplay.playback.live.raw_entry import entry_of
from pytest_llmreplay.playback.live.recorded import kept_earlier
from pytest_llmreplay.playback.live.recorder import LiveCall, retry_count
from pytest_llmreplay.playback.stamps.stamp import NO_STAMP, Stamp

URL = "https://api.openai.com/v1/chat/completions"
LONG = "a8Kd93LmQ0zX7vB2nT5yRw1c" * 4

SECRETS = [
    f"sk-{LONG[:24]}",
    f"sk-proj-{LONG[:24]}_{LONG[:20]}-x",
    f"sk_live_{LONG[:24]}",
    f"rk_test_{LONG[:20]}",
    f"csk-{LONG[:24]}",
    f"AIzaSy{LONG[:33]}",
    f"gsk_{LONG[:20]}",
    f"hf_{LONG[:20]}",
    f"r8_{LONG[:20]}",
    f"fw_{LONG[:20]}",
    f"ek_{LONG[:20]}",
    f"pplx-{LONG[:20]}",
    f"xai-{LONG[:20]}",
    f"nvapi-{LONG[:20]}",
    f"tvly-{LONG[:20]}",
    f"lsv2_pt_{LONG[:20]}",
    f"SG.{LONG[:22]}.{LONG[:43]}",
    "dapi0123456789abcdef0123456789abcdef",
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAIOSFODNN7EXAMPLE",
    f"ABSK{LONG}",
    f"bedrock-api-key-{LONG[:30]}",
    f"ya29.{LONG[:60]}",
    f"github_pat_{LONG[:22]}_{LONG[:59]}",
    f"ghp_{LONG[:36]}",
    f"glpat-{LONG[:20]}",
    "xoxb-123456789012-1234567890123-a8Kd93LmQ0zX7vB2nT5yRw1c",
    f"npm_{LONG[:36]}",
    f"pypi-{LONG[:60]}",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
    "Authorization: Bearer abcdef1234567890",
    "authorization: Basic dXNlcjpwYXNzd29yZA==",
    "AUTHORIZATION: BASIC dXNlcjpwYXNzd29yZA==",
    "Api-Key: abcdef1234567890",
    "Set-Cookie: session=abc123; Path=/; Secure",
    "https://ann:hunter22@example.org/x",
    "postgres://ann:hünter22@db",
]
NAMES = [
    "api_key",
    "apiKey",
    "X-Api-Key",
    "password",
    "client_secret",
    "Set-Cookie",
    "aws_secret_access_key",
]
HARMLESS = [
    "",
    " ",
    "\n",
    "\t",
    "é",
    "😀",
    "x",
    '"',
    "\\",
    "/",
    "(",
    "=",
    "\x1b",
    "·",
    "-",
    "\\n",
    "1",
]


SENT_HEADERS = {"content-type": "application/json", "x-api-key": "mine"}


def call_with(
    body: bytes = b"{}",
    answer: bytes = b"{}",
    *,
    kind: str = "application/json",
    cuts: int = 1,
    url: str = URL,
    headers: Mapping[str, str] = SENT_HEADERS,
    **changes: object,
) -> LiveCall:
    """A finished call with these bodies."""
    size = max(1, -(-len(answer) // cuts))
    pieces = tuple((0.25 + at / 1000, answer[at : at + size]) for at in range(0, len(answer), size))
    call = LiveCall(
        number=3,
        request=RawRequest(
            method="POST",
            url=url,
            headers=headers,
            content=body,
            library="httpx2",
        ),
        sent=1790000000.25,
        status=200,
        headers={"content-type": kind, "x-request-id": "req_1", "server": "x"},
        pieces=pieces,
        ended="complete",
        failure=None,
        duration=0.75,
    )
    return replace(call, **changes)  # type: ignore[arg-type]  # whatever a test wants


def read(entry: bytes) -> tuple[LiveCall, Stamp]:
    """The call that a line holds."""
    assert entry.endswith(b"}\n")
    assert 1 == entry.count(b"\n")
    return call_of(KeptEntry(path=Path("a.jsonl"), line=2, value=json.loads(entry)))


def same(one: Event, other: Event) -> bool:
    """Whether two events say the same; a decoder is not compared."""
    return replace(one, decoder=other.decoder) == other


class Strict(Redactor):
    """Refuses to redact: the fast path does without."""

    def request(self, request: HttpRequest) -> HttpRequest:
        """Fail the test."""
        raise AssertionError(f"redacted, but nothing is in {request.body!r}")


def test_a_line_says_all_that_its_event_needs() -> None:
    """Also the header that counts the tries of the SDK, and what the test said of the call."""
    stamp = Stamp(name="é", session=Session(id="1", path="/a"), labels={"turn": "1"})
    headers = {**SENT_HEADERS, "x-stainless-retry-count": "2"}
    answer = b'{"model": "n", "usage": {"prompt_tokens": 3}}'
    call = call_with(b'{"model": "m"}', answer, headers=headers)
    kept, told = read(entry_of(call, stamp, Strict()))
    assert stamp == told
    assert 2 == retry_count(kept.request)
    assert same(event_of(call, stamp, Redactor()), event_of(kept, told, Redactor()))
    assert "x-api-key" not in kept.request.headers
    assert "server" not in kept.headers


SSE = (
    b'data: {"choices": [{"index": 0, "delta": {"content": "Hi "}}]}\n\n' * 3 + b"data: [DONE]\n\n"
)
BODIES = [
    b"",
    b"null",
    b"[1, 2.5, 1e400]",
    '{"é": "\\u00e9\\ud83d\\ude00", "big": 123456789012345678901234567890}'.encode(),
    b"<p>Bad gateway</p>\r\n\x1b[0m",
    "naïve\u2028text".encode(),
    bytes(range(256)),
    b'{"lone": "\\ud800"}',
    b'{"a": 1, "a": 2}',
    b'{"nan": NaN}',
]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("rules", [(), ("email",)])
def test_any_body_comes_back(body: bytes, rules: tuple[str, ...]) -> None:
    """On both sides of the call, and whether or not it was looked at field by field."""
    for call in (call_with(body), call_with(answer=body, cuts=3, status=500)):
        kept, stamp = read(entry_of(call, NO_STAMP, Redactor(rules)))
        assert same(
            event_of(call, NO_STAMP, Redactor(rules)), event_of(kept, stamp, Redactor(rules))
        )


@pytest.mark.parametrize("rules", [(), ("email",)])
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_stream_comes_back_with_its_times(encoding: str, rules: tuple[str, ...]) -> None:
    """Cut anywhere, packed or not."""
    answer = gzip.compress(SSE) if encoding else SSE
    call = call_with(answer=answer, kind="text/event-stream", cuts=7, ended="left")
    call = replace(
        call, headers={**call.headers, **({"content-encoding": "gzip"} if encoding else {})}
    )
    kept, stamp = read(entry_of(call, NO_STAMP, Redactor(rules)))
    before, after = (
        event_of(call, NO_STAMP, Redactor(rules)),
        event_of(kept, stamp, Redactor(rules)),
    )
    assert before.exchange == after.exchange
    assert before.measured.duration == after.measured.duration


@pytest.mark.parametrize(("encoding", "ended"), [("gzip", "cut"), ("lzw", "complete")])
def test_what_cannot_be_unpacked_is_cut_or_kept_as_it_came(encoding: str, ended: str) -> None:
    """A lie about an encoding ends every client's reading; one that nobody knows is passed on."""
    call = call_with(answer=b"\xff\x00no gzip", kind="text/event-stream")
    call = replace(call, headers={**call.headers, "content-encoding": encoding})
    kept, stamp = read(entry_of(call, NO_STAMP, Redactor()))
    event = event_of(kept, stamp, Redactor())
    assert event_of(call, NO_STAMP, Redactor()).exchange == event.exchange
    assert isinstance(event.exchange.response, HttpResponse)
    assert ended == event.exchange.response.ended


def test_a_failure_comes_back_without_the_secret_in_its_words() -> None:
    """Client libraries repeat URLs in their errors."""
    failure = Failure(
        kind="connect", message=f"no way to https://ann:hunter22@example.org {SECRETS[0]}"
    )
    call = call_with(answer=b"", status=None, failure=failure)
    kept, stamp = read(entry_of(call, NO_STAMP, Redactor()))
    response = event_of(kept, stamp, Redactor()).exchange.response
    assert isinstance(response, Failure)
    assert "no way to https://[REDACTED]@example.org [REDACTED:api-key]" == response.message


def test_a_secret_in_the_name_of_a_step_is_refused() -> None:
    """Nothing may be taken from what the test itself says."""
    with pytest.raises(SecretFound):
        entry_of(call_with(), Stamp(name=SECRETS[0]), Redactor())


# What redaction would change, the look at the raw bytes has to notice.


def escaping(hidden: str) -> Callable[[str], str]:
    """Spells some characters of JSON text by escapes."""
    spelt = {ord(char): f"\\u{ord(char):04x}" if char != "/" else "\\/" for char in hidden}
    return lambda text: text.translate(spelt)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A text around a secret, or with a field of a secret name in JSON, however deep."""
    around = st.sampled_from(HARMLESS)
    if draw(st.booleans()):
        inner = draw(st.sampled_from(SECRETS))
    else:
        inner = json.dumps({draw(st.sampled_from(NAMES)): "hunter22"})
        inner = draw(st.sampled_from([inner, inner.replace('"', "'"), inner.replace('"', "\\'")]))
    text = draw(around) + draw(around) + inner + draw(around)
    for _ in range(draw(st.integers(0, 3))):
        text = draw(around) + json.dumps({"text": text}, ensure_ascii=draw(st.booleans()))
    return text


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A body that holds such a text, in the writing of some sender."""
    text = draw(texts())
    if draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from(["", "a=b&token=", "<p>"])).encode() + text.encode()
    value: Json = {"model": "m", "messages": [{"role": "user", "content": text}]}
    if draw(st.booleans()):
        value = {"model": "m", draw(st.sampled_from([*NAMES, "content"])): [text, "é"]}
    style = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " :\t")]))
    written = json.dumps(value, ensure_ascii=draw(st.booleans()), separators=style)
    return escaping(draw(st.sampled_from(["", "s", "k", "/", "_-", ":@", "é"])))(written).encode()


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """Server-sent events over which such a text is cut."""
    text = draw(texts())
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    style = draw(st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]))
    ascii_only, index = draw(st.booleans()), draw(st.integers(0, 1))
    wrap = draw(st.sampled_from([_delta, _listed, _bare, _twice]))
    events = [
        json.dumps(wrap(piece, index), ensure_ascii=ascii_only, separators=style)
        for piece in pieces
    ]
    hide = escaping(draw(st.sampled_from(["", "s", "/", "é"])))
    between = draw(st.sampled_from(["", "event: x\n", ': "\n\n', 'data: what\'s "this"?\n\n']))
    return "".join(f"{between}data: {hide(event)}\n\n" for event in events).encode()


def _delta(piece: str, index: int) -> Json:
    return {"id": "chatcmpl-1", "choices": [{"index": index, "delta": {"content": piece}}]}


def _listed(piece: str, index: int) -> Json:
    return {"type": "x", "index": index, "parts": ["", piece]}


def _twice(piece: str, index: int) -> Json:
    return {"type": "x", "text": "y", "delta": {"type": "z", "text": piece}, "n": index}


def _bare(piece: str, _: int) -> Json:
    return [piece]


def in_clear(call: LiveCall) -> Event:
    """The event of a call from which nothing was taken but headers."""

    class Idle(Redactor):
        def json(self, value: Json) -> Json:
            return value

        def text(self, text: str) -> str:
            return text

    redactor = Idle()
    redactor._stream = lambda stream: stream  # type: ignore[method-assign]  # the one that does nothing
    return event_of(call, NO_STAMP, redactor)


def check(call: LiveCall) -> None:
    """What redaction changes, is changed in the line too; what it leaves, is as it came."""
    redacted = event_of(call, NO_STAMP, Redactor())
    kept, stamp = read(entry_of(call, NO_STAMP, Redactor()))
    untouched = in_clear(kept)
    assert redacted.exchange.request == untouched.exchange.request
    assert redacted.exchange.response == untouched.exchange.response
    assert same(redacted, event_of(kept, stamp, Redactor()))


@given(bodies())
def test_no_secret_of_a_body_reaches_the_line(body: bytes) -> None:
    """Whatever redaction would change was changed before it was written."""
    check(call_with(body))
    check(call_with(answer=body))
    check(call_with(answer=body, status=401, kind="text/plain"))


@given(streams())
def test_no_secret_of_a_stream_reaches_the_line(answer: bytes) -> None:
    """Also one that shows only when the pieces are read as one."""
    check(call_with(answer=answer, kind="text/event-stream", cuts=3))


@pytest.mark.parametrize(
    "url",
    [f"{URL}?api_key=hunter22", f"{URL}?key=hunter22&x=1", "https://ann:pw@h.org/v1/messages"],
)
def test_no_secret_of_a_url_reaches_the_line(url: str) -> None:
    """Neither a parameter nor credentials."""
    check(call_with(url=url))


# Real calls take the fast path.

CHAT = {
    "model": "gpt-5-mini",
    "max_tokens": 300,
    "max_completion_tokens": 300,
    "temperature": 0,
    "user": "user-7f3a",
    "messages": [
        {
            "role": "system",
            "content": "You answer customers. Mail us: help@example.org.\nSee https://example.org:8080/a?b=c.",
        },
        {
            "role": "user",
            "content": '3 tokens; the secret of "good" bread? Don\'t say it. Ünïcode 😀\n* a-b_c',
        },
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_Xy12AbCdEfGhIjKlMnOpQrSt",
                    "type": "function",
                    "function": {
                        "name": "count_tokens",
                        "arguments": '{"text": "a", "max_tokens": 3}',
                    },
                }
            ],
        },
        {
            "role": "tool",
            "tool_call_id": "call_Xy12AbCdEfGhIjKlMnOpQrSt",
            "content": '{"order_id": "HC-48213", "token": "a"}',
        },
    ],
    "response_format": {
        "type": "json_schema",
        "json_schema": {
            "name": "x",
            "schema": {"type": "object", "properties": {"keywords": {"type": "array"}}},
        },
    },
}
CHAT_ANSWER = {
    "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
    "object": "chat.completion",
    "created": 1741569952,
    "model": "gpt-5-mini-2026-08-14",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": 'Bread: flour ½ and "time".',
                "refusal": None,
                "annotations": [],
            },
            "logprobs": {
                "content": [{"token": "Bread", "logprob": -0.1, "bytes": [66], "top_logprobs": []}]
            },
            "finish_reason": "stop",
        }
    ],
    "usage": {
        "prompt_tokens": 19,
        "completion_tokens": 10,
        "total_tokens": 29,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "accepted_prediction_tokens": 0},
    },
    "service_tier": "default",
    "system_fingerprint": "fp_44709d6fcb",
}
MESSAGES = {
    "model": "claude-sonnet-4-6",
    "max_tokens": 1024,
    "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {
            "role": "user",
            "content": [
                {
                    "type": "image",
                    "source": {
                        "type": "base64",
                        "media_type": "image/png",
                        "data": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk=",
                    },
                }
            ],
        }
    ],
}
MESSAGES_ANSWER = {
    "id": "msg_01XFDUDYJgAACzvnptvVoYEL",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-6",
    "content": [
        {"type": "text", "text": "A dot."},
        {
            "type": "tool_use",
            "id": "toolu_01T1x1fJ34qAmk2tNTrN7Up6",
            "name": "refund",
            "input": {"amount": 3},
        },
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 2095,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": 503,
    },
}


@pytest.mark.parametrize(("asked", "answered"), [(CHAT, CHAT_ANSWER), (MESSAGES, MESSAGES_ANSWER)])
@pytest.mark.parametrize(
    "style", [{"separators": (",", ":"), "ensure_ascii": False}, {"indent": 2}]
)
def test_real_calls_are_not_taken_apart(
    asked: Json, answered: Json, style: dict[str, object]
) -> None:
    """Common fields, ids, usage and images look like no secret."""
    body, answer = (json.dumps(one, **style).encode() for one in (asked, answered))  # type: ignore[arg-type]  # options of `dumps`
    entry_of(call_with(body, answer), NO_STAMP, Strict())
    entry_of(call_with(gzip.compress(body), answer, cuts=4), NO_STAMP, Redactor())


def test_a_real_stream_is_not_taken_apart() -> None:
    """Words, ids that repeat in every event, padding that differs in each."""
    words = [
        "The ",
        "council",
        " will",
        " turn",
        " “Elm”",
        " Street",
        " → into ",
        "a",
        " street",
        ".",
    ]
    events = [
        json.dumps(
            {
                "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
                "choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}],
                "obfuscation": LONG[at : at + 6],
            }
        )
        for at, word in enumerate(words)
    ]
    answer = "".join(f"data: {event}\n\n" for event in [*events, "[DONE]"]).encode()
    entry_of(call_with(answer=answer, kind="text/event-stream", cuts=5), NO_STAMP, Strict())


# What a later recording makes of it.


def kept(path: Path) -> list[tuple[int, float | None]]:
    """Number and duration of the calls that a partial file holds."""
    cassette = kept_earlier(path, Header(), MatchRules(), Redactor())
    return (
        [(event.number, event.measured.duration) for event in cassette.events] if cassette else []
    )


def test_calls_of_several_runs_are_numbered_by_their_sending(tmp_path: Path) -> None:
    """Two failed runs may have left a call 1 each, and calls end in another order."""
    with Journal.open(tmp_path / "a.jsonl", None) as journal:
        for number, sent in ((2, 5.0), (1, 4.0), (1, 9.0), (2, 9.0)):
            call = replace(call_with(), number=number, sent=sent, duration=sent + number)
            journal.append(entry_of(call, NO_STAMP, Redactor()))
    assert [(1, 5.0), (2, 7.0), (3, 10.0), (4, 11.0)] == kept(tmp_path / "a.jsonl")
    assert [] == kept(tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("number", "1", "number: expected a whole number, found '1'"),
        ("body", 3, "body: expected text, or a list of one text in base64"),
        ("answer", ["?"], "answer: expected text, or a list of one text in base64"),
        ("headers", {"a": 1}, "headers.a: expected text, found 1"),
        ("pieces", [[0.1, 1]], "pieces: 1 bytes, but the answer has 2"),
        ("pieces", None, "pieces: expected pairs of seconds and bytes, found None"),
        ("ended", "well", "ended: expected one of complete, left, cut"),
        ("error", {"kind": "bad", "message": ""}, "kind: expected one of connect"),
        ("error", 1, "error: expected keys and values, found 1"),
        ("more", 1, "more: unknown key"),
        ("session", {"x": "y"}, "session.x: unknown key"),
    ],
)
def test_a_damaged_line_is_said_with_its_place(
    tmp_path: Path, field: str, value: Json, problem: str
) -> None:
    """One message, and the file stays."""
    entry = json.loads(entry_of(call_with(), NO_STAMP, Redactor()))
    text = b'{"partial": 1, "test": null}\n' + json.dumps({**entry, field: value}).encode() + b"\n"
    (tmp_path / "a.jsonl").write_bytes(text)
    with pytest.raises(CassetteDamaged) as raised:
        kept(tmp_path / "a.jsonl")
    assert f"{tmp_path / 'a.jsonl'}:2: " in str(raised.value)
    assert problem in str(raised.value)
    assert "delete the file to forget the calls that it holds" in str(raised.value)
    assert text == (tmp_path / "a.jsonl").read_bytes()
