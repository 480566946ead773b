"""Events of a stream that are taken together give what they give one by one."""

from __future__ import annotations

import json
import re
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.registry import FORMATS
from pytest_llmreplay.providers.streams.growing import StreamEvents

formats = pytest.mark.parametrize("api", ["chat_completions", "messages"])

SLOT = "PUT WORDS HERE"
SECOND = "AND HERE"
WORDS = st.one_of(
    st.text(max_size=5),
    st.sampled_from(["", "a", "mark 0", "mark 1", '"content":"x"', "\ud83d", "\x00", "}]}\n\n"]),
).map(json.dumps) | st.sampled_from(['"é"', r'"\q"', '"a" ', "7", "null", '"\x01"', '"\u2028"'])
"""Values as they stand in the text; some are no JSON, some no strings."""

NUMBERS = st.sampled_from(
    ["7", "8", "08", "0", "-1", "1e3", '"x"', "9" * 30, "1000000000000000000"]
)

CHAT_DELTAS: list[dict[str, Any]] = [
    {"content": SLOT},
    {"role": "assistant", "content": SLOT, "refusal": None, "tool_calls": []},
    {"reasoning_content": SLOT, "content": None},
    {"reasoning": SLOT, "reasoning_details": [{"type": "reasoning.text", "text": SECOND}]},
    {"refusal": SLOT},
    {"content": SLOT, "reasoning": SECOND},
    {"content": SLOT, "annotations": [{"url": "u"}]},
    {"content": [{"type": "text", "text": SLOT}]},
    {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": SLOT}]}]},
    {"tool_calls": [{"index": 0, "function": {"arguments": SLOT}}]},
    {"tool_calls": [{"index": 1, "type": "function", "function": {"arguments": SLOT}}]},
    {"tool_calls": [{"function": {"arguments": SLOT}}]},
    {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": SLOT}}]},
    {"audio": {"transcript": SLOT}},
    {"role": SLOT},
    {"text": SLOT},
    {},
]
CHAT: list[dict[str, Any]] = [
    {"id": "1", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    for delta in CHAT_DELTAS
] + [
    {"choices": [{"index": 1, "delta": {"content": SLOT}}]},
    {"choices": [{"delta": {"content": SLOT}}, {"index": 1, "delta": {"content": SECOND}}]},
    {"choices": [{"index": 0, "delta": {"content": SLOT}}], "obfuscation": SECOND},
    {"obfuscation": SECOND, "choices": [{"index": 0, "delta": {"content": SLOT}}]},
    {
        "choices": [
            {"index": 0, "delta": {"content": SLOT}, "logprobs": {"content": [{"token": 1}]}}
        ]
    },
    {
        "choices": [{"index": 0, "delta": {"content": SLOT}, "finish_reason": "stop"}],
        "usage": {"a": 1},
    },
    {"choices": [], "usage": {"prompt_tokens": 1}},
    {"error": {"message": SLOT}, "choices": [{"delta": {"content": SECOND}}]},
    {"text": SLOT, "choices": [{"index": 0, "delta": {"content": "x"}}]},
]
MESSAGES: list[dict[str, Any]] = [
    {"type": "message_start", "message": {"id": "1", "usage": {"input_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": SLOT}},
    {"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "input": {}}},
    {"type": "content_block_stop", "index": 0},
    {"type": "ping"},
    {"type": "message_delta", "delta": {"stop_reason": SLOT}, "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
]
MESSAGES += [
    {"type": "content_block_delta", **place, "delta": delta}
    for place in ({"index": 0}, {"index": 1}, {})
    for delta in (
        {"type": "text_delta", "text": SLOT},
        {"type": "thinking_delta", "thinking": SLOT},
        {"type": "thinking_delta", "thinking": SLOT, "text": SECOND},
        {"type": "input_json_delta", "partial_json": SLOT},
        {"type": "signature_delta", "signature": SLOT},
        {"text": SLOT},
        {"type": "citations_delta", "citation": {"text": SLOT}},
    )
]
RESPONSES: list[dict[str, Any]] = [
    {"type": "response.created", "response": {"id": "r", "status": "in_progress"}},
    {"type": "response.output_item.added", "output_index": 0, "item": {"type": "message"}},
    {"type": "response.output_item.done", "output_index": 0, "item": {"id": SLOT}},
    {"type": "response.completed", "response": {"id": "r", "output": []}},
    {"type": "response.output_text.done", "output_index": 0, "content_index": 0, "text": SLOT},
    {"type": "error", "message": SLOT},
]
RESPONSES += [
    {"type": f"response.{kind}.delta", **place, "delta": SLOT, **rest}
    for kind in ("output_text", "refusal", "function_call_arguments", "reasoning_summary_text")
    for place in ({"output_index": 0, "content_index": 0}, {"output_index": 1}, {})
    for rest in (
        {"sequence_number": 7},
        {"sequence_number": 7.5, "obfuscation": SECOND},
        {"sequence_number": "7", "text": SECOND},
        {"logprobs": [{"token": SECOND}]},
        {"obfuscation": SECOND, "item": {"sequence_number": 7}},
    )
]


@st.composite
def runs(draw: st.DrawFn, shapes: list[dict[str, Any]]) -> bytes:
    """Events of one shape that differ in their words."""
    shape = draw(st.sampled_from(shapes))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    text = json.dumps(shape, separators=separators)
    if draw(st.integers(0, 9)) == 0:
        text = text.replace("content", "cont\\u0065nt")
    if draw(st.integers(0, 9)) == 0:
        text = text.replace("{", f'{{"content":"{SECOND}",', 1)
    name = draw(st.sampled_from(["", "", f"event: {shape.get('type')}\n", ": comment\n", "\ufeff"]))
    end = draw(st.sampled_from(["\n\n"] * 8 + ["\n\n\n", "\r\n\r\n", "\n"]))
    told = ""
    for words in draw(st.lists(st.tuples(WORDS, WORDS, NUMBERS), min_size=1, max_size=5)):
        filled = text.replace(f'"{SLOT}"', words[0]).replace(f'"{SECOND}"', words[1])
        filled = re.sub(r'("sequence_number": ?)7', rf"\g<1>{words[2]}", filled)
        told += f"{name}data: {filled}{end}"
    return told.encode(errors="surrogatepass")


def assembled(
    api: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> tuple[Assembled, Assembled]:
    """The answer of a stream read event by event, and as it is read."""
    module: ModuleType = import_module(f"pytest_llmreplay.providers.{api}.assemble")
    with monkeypatch.context() as patch:
        patch.setattr(module, "_grows", lambda _: None)
        one_by_one = FORMATS[api].assemble([data])
    return one_by_one, FORMATS[api].assemble([data])


@pytest.mark.parametrize("streams", [st.lists(runs(CHAT)), st.lists(runs(CHAT[:4]), min_size=2)])
@given(data=st.data())
def test_chunks_taken_together_are_chunks_one_by_one(
    streams: st.SearchStrategy[list[bytes]], data: st.DataObject
) -> None:
    """Whatever runs a stream of chat completions is made of, and wherever it is cut."""
    stream = _cut(data, b"".join(data.draw(streams)))
    with pytest.MonkeyPatch.context() as patch:
        one_by_one, together = assembled("chat_completions", stream, patch)
    assert one_by_one == together


@pytest.mark.parametrize(("api", "shapes"), [("messages", MESSAGES), ("responses", RESPONSES)])
@given(data=st.data())
def test_events_taken_together_are_events_one_by_one(
    api: str, shapes: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Whatever runs a stream of events is made of, and wherever it is cut."""
    stream = _cut(data, b"".join(data.draw(st.lists(runs(shapes)))))
    with pytest.MonkeyPatch.context() as patch:
        one_by_one, together = assembled(api, stream, patch)
    assert one_by_one == together


@formats
@given(stream=st.binary(max_size=80))
@example(stream=b'data: {"choices":[{"delta":{"content":"\xff"}}]}\n\n' * 3)
def test_bytes_of_any_kind_are_taken_as_one_by_one(api: str, stream: bytes) -> None:
    """Bytes that are no text, too."""
    with pytest.MonkeyPatch.context() as patch:
        one_by_one, together = assembled(api, stream, patch)
    assert one_by_one == together


@pytest.mark.parametrize(
    ("api", "events"),
    [
        ("chat_completions", [CHAT[0]]),
        ("chat_completions", [CHAT[2]]),
        ("chat_completions", [CHAT[9]]),
        ("chat_completions", [CHAT[19]]),
        ("messages", [MESSAGES[7]]),
        ("messages", [MESSAGES[8]]),
        ("messages", [MESSAGES[10]]),
        ("responses", [RESPONSES[6]]),
        ("responses", [RESPONSES[7] | {"sequence_number": 7}]),
    ],
)
def test_many_events_are_told_as_one(api: str, events: list[dict[str, Any]]) -> None:
    """The shapes that long streams are made of are recognised."""
    module = import_module(f"pytest_llmreplay.providers.{api}.assemble")
    text = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    numbered = [text.replace('_number": 7', f'_number": {i}') for i in range(50)]
    stream = "".join(
        event.replace(SLOT, f"word {i} ").replace(SECOND, "x" * i)
        for i, event in enumerate(numbered)
    )
    told = list(StreamEvents(stream.encode(), module._grows))
    assert 1 == len(told)
    assert "word 0 word 1 " in json.dumps(told[0].value)


def _cut(data: st.DataObject, stream: bytes) -> bytes:
    """The stream, sometimes without its last bytes."""
    return stream[: len(stream) - data.draw(st.sampled_from([0, 0, 1, 2, 7]))]


def test_padding_alone_is_no_words() -> None:
    """Words whose key is written with an escape are told event by event, padding or not."""
    event = b'data: {"choices":[{"delta":{"c\\u006fntent":"a"}}],"obfuscation":"x"}\n\n'
    body: Any = FORMATS["chat_completions"].assemble([event * 3]).body
    assert "aaa" == body["choices"][0]["message"]["content"]
