"""Streams as lines, and every byte back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.bedrock import frame

from pytest_llmreplay.cassette.streams.block import read_stream, write_stream
from pytest_llmreplay.cassette.streams.framing import Framing
from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import Chunk, StreamBody


def stream(*pieces: bytes) -> StreamBody:
    """Pieces that came 10 ms apart."""
    chunks = [Chunk(at=(place + 1) / 100, data=data) for place, data in enumerate(pieces)]
    return StreamBody(chunks=tuple(chunks))


def delta(text: str, key: str = "content", more: str = "") -> bytes:
    """A piece of a chat stream, its text as the server wrote it."""
    return f'data: {{"choices":[{{"delta":{{"{key}":"{text}"}}}}]{more}}}\n\n'.encode()


WRITTEN: list[tuple[str, StreamBody, str, list[str]]] = [
    ("nothing", stream(), "", []),
    (
        "texts",
        stream(delta("a"), delta("b "), delta('c\\"d'), b"data: [DONE]\n\n"),
        '10 {"choices":[{"delta":{"content":"a"}}]}\n20 "b "  30 "c\\"d"\n40 [DONE]\n',
        [],
    ),
    (
        "escapes of the server",
        stream(delta("a"), delta("\\u00e4"), delta("ä"), delta("\\/")),
        '10 {"choices":[{"delta":{"content":"a"}}]}\n20 "\\u00e4"  30 "ä"  40 "\\/"\n',
        [],
    ),
    (
        "another key is another payload",
        stream(delta("a"), delta("b", "refusal"), delta("c", "refusal")),
        (
            '10 {"choices":[{"delta":{"content":"a"}}]}\n'
            '20 {"choices":[{"delta":{"refusal":"b"}}]}\n30 "c"\n'
        ),
        [],
    ),
    (
        "no text",
        stream(delta("a"), b'data: {"choices":[{"delta":{"content":null}}]}\n\n', b"data: {\n\n"),
        (
            '10 {"choices":[{"delta":{"content":"a"}}]}\n'
            '20 {"choices":[{"delta":{"content":null}}]}\n30 {\n'
        ),
        [],
    ),
    (
        "payloads that only look like JSON",
        stream(b'data: {"type": "t\n\n', b'data: ["type"]\n\n', b'data: {"type": 1}\n\n'),
        '10 {"type": "t\n20 ["type"]\n30 {"type": 1}\n',
        [],
    ),
    (
        "events named by another key",
        stream(
            b'event: d\ndata: {"event_type":"d","delta":{"type":"text","text":"a"}}\n\n',
            b'event: d\ndata: {"event_type":"d","delta":{"type":"text","text":"b"}}\n\n',
        ),
        '10 {"event_type":"d","delta":{"type":"text","text":"a"}}\n20 "b"\n',
        [],
    ),
    (
        "two texts",
        stream(delta("a", more=',"obfuscation":"x"'), delta("b", more=',"obfuscation":"yy"')),
        '10 {"choices":[{"delta":{"content":"a"}}],"obfuscation":"x"}\n20 "b" "yy"\n',
        [],
    ),
    (
        "numbers that count on",
        stream(
            b'event: t\ndata: {"type":"t","sequence_number":9,"delta":"a"}\n\n',
            b'event: t\ndata: {"type":"t","sequence_number":10,"delta":"b"}\n\n',
            b'event: t\ndata: {"type":"t","sequence_number":12,"delta":"c"}\n\n',
        ),
        (
            '10 {"type":"t","sequence_number":9,"delta":"a"}\n20 "b"\n'
            '30 {"type":"t","sequence_number":12,"delta":"c"}\n'
        ),
        [],
    ),
    (
        "all styles at once",
        stream(b'data:{"type":"t"}\r\n\r\n', b"data:[DONE]\r\n\r\n"),
        '10 {"type":"t"}\n20 [DONE]\n',
        ["no-event", "no-space", "crlf"],
    ),
    ("lines", stream(b'{"a":1}\n', b'{"a":2}\n'), '10 {"a":1}\n20 {"a":2}\n', ["lines"]),
    (
        "lines-with-their-moments",
        stream(b'{"created_at":"T1","response":"a"}\n', b'{"created_at":"T2","response":"b"}\n'),
        '10 {"created_at":"T1","response":"a"}\n20 "T2" "b"\n',
        ["lines"],
    ),
    (
        "events-with-their-moments",
        stream(
            b'data: {"created_at":"T1","text":"a"}\n\n', b'data: {"created_at":"T2","text":"b"}\n\n'
        ),
        '10 {"created_at":"T1","text":"a"}\n20 {"created_at":"T2","text":"b"}\n',
        [],
    ),
    (
        "odd pieces",
        stream(b'data: {"a":1}\n\n', b": ping\n\n", b'data: {"a":2}', b"data: hi\n\n", b""),
        (
            '10 {"a":1}\n20 raw ": ping\\n\\n"\n30 raw "data: {\\"a\\":2}"\n'
            '40 raw "data: hi\\n\\n"\n50 raw ""\n'
        ),
        [],
    ),
    (
        "what would leave the block",
        stream(delta("a"), delta("b\u2028"), delta("\u202e"), delta("c\x85")),
        '10 {"choices":[{"delta":{"content":"a"}}]}\n'
        + "".join(
            f"{at} raw {json.dumps(delta(text).decode())}\n"
            for at, text in ((20, "b\u2028"), (30, "\u202e"), (40, "c\x85"))
        ),
        [],
    ),
    ("bytes", stream(b"\xff\x00", b"a\r\n"), '10 base64 /wA=\n20 raw "a\\r\\n"\n', []),
    ("blank at the end", stream(b'data: {"a":1} \n\n'), '10 raw "data: {\\"a\\":1} \\n\\n"\n', []),
]


@pytest.mark.parametrize(
    ("body", "text", "framing"),
    [case[1:] for case in WRITTEN],
    ids=[case[0].replace(" ", "-") for case in WRITTEN],
)
def test_lines_of_a_stream(body: StreamBody, text: str, framing: list[str]) -> None:
    """Each stream has one way to be written, from which it comes back."""
    assert (text, Framing.named(framing)) == write_stream(body)
    assert body == read_stream(text, Framing.named(framing))


def test_texts_wrap_at_a_hundred_columns() -> None:
    """A line of texts is no longer than others."""
    text, _ = write_stream(stream(*[delta(f"word{place} ") for place in range(100)]))
    assert max(map(len, text.splitlines()[1:])) <= 96
    assert len(text.splitlines()) < 25


def test_milliseconds_survive() -> None:
    """Times come back to the millisecond."""
    body = StreamBody(chunks=(Chunk(at=1.23456, data=b"x"), Chunk(at=0.0, data=b"y")))
    text, framing = write_stream(body)
    assert [1.235, 0.0] == [chunk.at for chunk in read_stream(text, framing).chunks]


DAMAGED = [
    ('{"a":1}', 1, "begins with its milliseconds"),
    ("12", 1, "begins with its milliseconds"),
    ("-1 {}", 1, "begins with its milliseconds"),
    ("\u0661 {}", 1, "begins with its milliseconds"),
    ('12 "a"', 1, "before the payload"),
    ('1 {"text":"a"}\n2 "b" , "c"', 2, "a line of texts is not like"),
    ('1 {"text":"a"}\n2 "b" 3 "c"', 2, "a line of texts is not like"),
    ('1 {"text":"a"}\n2 "b', 2, "a line of texts is not like"),
    ('1 {"text":"a"}\n2 "b" "c"', 2, "does not fit the payload above: it has 1 texts"),
    ('1 {"a":1}\n2 "b"', 2, "does not fit the payload above: it has 0 texts"),
    ("1 hello", 1, "a line of a stream holds"),
    ("1 raw 5", 1, "a line of a stream holds"),
    ("1 raw {", 1, "raw is not readable"),
    ('1 raw "\\ud800"', 1, "raw is not readable"),
    ("1 base64 *", 1, "base64 is not readable"),
]


@pytest.mark.parametrize(("text", "line", "problem"), DAMAGED)
def test_damaged_line_is_named(text: str, line: int, problem: str) -> None:
    """What a person broke is found by its line."""
    with pytest.raises(CassetteDamaged) as damaged:
        read_stream(f"{text}\n", Framing())
    assert (line, True) == (damaged.value.line, problem in damaged.value.problem)


PAYLOADS = st.one_of(
    st.recursive(
        st.one_of(st.integers(), st.text(max_size=8), st.none()),
        lambda inner: st.dictionaries(
            st.sampled_from(["type", "text", "delta", "sequence_number", "obfuscation", "a"]),
            inner,
            max_size=4,
        ),
        max_leaves=6,
    ).map(json.dumps),
    st.text(max_size=12),
    st.sampled_from(["[DONE]", "{", '{"type": "t"}', '{"type": "a\\nb"}', '{"text": "x"}']),
)
PIECES = st.one_of(
    st.binary(max_size=12),
    PAYLOADS.map(str.encode),
    st.builds(
        "{}data:{}{}{}".format,
        *[
            st.sampled_from(choice)
            for choice in (
                ["", "event: t\n", "event: text\r\n"],
                ["", " "],
            )
        ],
        PAYLOADS,
        st.sampled_from(["\n\n", "\r\n\r\n", "\n", ""]),
    ).map(lambda text: text.encode("utf-8", "replace")),
)


@given(st.lists(PIECES, max_size=10), st.integers(1, 5))
def test_every_byte_comes_back(pieces: list[bytes], repeats: int) -> None:
    """Whatever a server sent, in whatever pieces, nothing is lost and nothing leaves its line."""
    body = stream(*pieces * repeats)
    text, framing = write_stream(body)
    assert body == read_stream(text, framing)
    assert len(text.splitlines()) == text.count("\n")


def test_a_frame_of_aws_is_type_and_json() -> None:
    """Pieces that only bring words and padding follow as those; an exception says what it is."""
    failed = frame("throttlingException", b'{"message":"slower"}', "exception")
    packed = b'{"bytes":"eyJ0eXBlIjoicGluZyJ9","p":"ab"}'
    block = "contentBlockDelta"
    pieces = stream(
        frame("messageStart", b'{"p":"abc","role":"assistant"}'),
        frame(block, b'{"contentBlockIndex":0,"delta":{"text":"The "},"p":"abcd"}'),
        frame(block, b'{"contentBlockIndex":0,"delta":{"text":"jobs"},"p":"a"}'),
        frame("chunk", packed),
        failed,
    )
    text, framing = write_stream(pieces)
    assert ["aws-frames"] == framing.names
    assert (
        '10 messageStart {"p":"abc","role":"assistant"}\n'
        '20 contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"The "},"p":"abcd"}\n'
        '30 "jobs" "a"\n'
        '40 chunk {"bytes":{"type":"ping"},"p":"ab"}\n'
        '50 exception:throttlingException {"message":"slower"}\n'
    ) == text
    assert pieces == read_stream(text, framing)


PAYLOADS = st.one_of(
    st.sampled_from(
        [
            b"",
            b"{}",
            b'{"bytes":{"a":1}}',
            b'{"bytes":"eyJhIjogMX0=","p":""}',
            b'{"bytes":"eyJhIjoxfQ","p":"x"}',
            b'{"bytes":"AAAA"}',
            b'{"delta":{"text":"\\u0000\xc3\xa4"}}',
            b'{"a":1} ',
            b'{"a":\n1}',
            b"\xff",
        ]
    ),
    st.binary(max_size=20),
    st.text(max_size=8).map(lambda text: json.dumps({"text": text, "p": "a"}).encode()),
)
KINDS = st.sampled_from(["chunk", "contentBlockDelta", "raw", "base64", "", "a b", "ä"])
MESSAGES = st.sampled_from(["event", "exception", "error"])
FRAMES = st.one_of(st.builds(frame, KINDS, PAYLOADS, MESSAGES), st.binary(max_size=30))


@given(pieces=st.lists(FRAMES, max_size=5))
def test_every_frame_comes_back(pieces: list[bytes]) -> None:
    """Whatever its type, headers and payload, and also what is no frame at all."""
    body = stream(*pieces)
    text, framing = write_stream(body)
    assert body == read_stream(text, framing)
