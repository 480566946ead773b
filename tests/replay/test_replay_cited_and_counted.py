"""What converted answers cite and what they cost, as the SDKs' own types tell it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import anthropic
import pytest
from replay.test_replay_answered_as import replied
from replay.test_replay_answers_in_sdks import (
    CLIENTS,
    PAIRS,
    READ,
    Sdks,
    relayed,
    reply_of,
    said,
    sdks,  # noqa: F401 - pytest finds it by name
)
from sdk_clients import needs

from pytest_llmreplay.event import Json, TextPart, Usage

pytestmark = needs(openai="2.0", anthropic="0.60")

WORDS = ("Good news: ", "tents are 20 % off.", " Ask us.")
CITED = "tents are 20 % off."
URL, TITLE = "https://shop.example/sale", "Sale"
PLACE = {"url": URL, "title": TITLE, "start_index": 11, "end_index": 30}
FOUND = {"type": "web_search_result_location", "url": URL, "title": TITLE}
IN_A_FILE = {"type": "file_citation", "file_id": "f", "filename": "a.pdf", "index": 3}
IN_A_DOCUMENT = {"type": "char_location", "document_index": 0, "cited_text": "x"}
COUNTED = {"input_tokens": 7, "output_tokens": 9}

BODIES: dict[str, dict[str, Any]] = {
    "chat_completions": {
        "id": "chatcmpl-1",
        "model": "m",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {
                    "role": "assistant",
                    "content": "".join(WORDS),
                    "annotations": [{"type": "url_citation", "url_citation": PLACE}],
                },
            }
        ],
    },
    "responses": {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "model": "m",
        "output": [
            {
                "type": "message",
                "id": "msg_1",
                "role": "assistant",
                "status": "completed",
                "content": [
                    {
                        "type": "output_text",
                        "text": "".join(WORDS),
                        "annotations": [{"type": "url_citation", **PLACE}, IN_A_FILE],
                    }
                ],
            }
        ],
        "usage": COUNTED,
    },
    "messages": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "stop_reason": "end_turn",
        "content": [
            {"type": "text", "text": WORDS[0], "citations": [IN_A_DOCUMENT]},
            {"type": "text", "text": WORDS[1], "citations": [FOUND]},
            {"type": "text", "text": WORDS[2]},
        ],
        "usage": COUNTED,
    },
}
"""What is cited on a page, as each format tells it; files and documents have no address."""


def cited_by(client: str, answer: Any) -> list[tuple[str, str, str]]:
    """Address and title of each citation, and the words that it stands for."""
    if client == "chat_completions":
        message = answer.choices[0].message
        notes = [(note.url_citation, message.content) for note in message.annotations or ()]
    else:
        parts = [part for item in answer.output for part in item.content]
        notes = [(note, part.text) for part in parts for note in part.annotations]
    return [(note.url, note.title, text[note.start_index : note.end_index]) for note, text in notes]


CITING = [(target, client) for target in BODIES for client in CLIENTS[:2] if target != client]


@pytest.mark.parametrize("how", READ)
@pytest.mark.parametrize(("target", "client"), CITING)
def test_a_page_that_is_cited_stands_for_the_same_words(
    target: str,
    client: str,
    how: str,
    sdks: Sdks,  # noqa: F811 - the fixture
) -> None:
    """Whichever format counts how; a file of the target's account is nothing to the client."""
    stream = how == "stream"
    reply = replied(target, BODIES[target], stream=stream)
    sdks.server.next(relayed(client, reply, stream=stream).behave)
    assert [(URL, TITLE, CITED)] == cited_by(client, READ[how](client, sdks))


@pytest.mark.parametrize("how", READ)
@pytest.mark.parametrize("target", ["chat_completions", "responses"])
def test_clients_of_messages_get_the_words_alone(
    target: str,
    how: str,
    sdks: Sdks,  # noqa: F811 - the fixture
) -> None:
    """Their citations are of a search that Anthropic ran itself."""
    stream = how == "stream"
    reply = replied(target, BODIES[target], stream=stream)
    sdks.server.next(relayed("messages", reply, stream=stream).behave)
    blocks = READ[how]("messages", sdks).content
    assert ["".join(WORDS)] == [block.text for block in blocks]
    assert [None] == [block.citations for block in blocks]


USAGE = Usage(
    input_tokens=20,
    output_tokens=9,
    cache_read_input_tokens=5,
    cache_write_input_tokens=3,
    reasoning_output_tokens=4,
)
WRITES_CACHE = {"chat_completions", "responses", "messages", "converse", "invoke"}
"""Targets that tell what they put into the cache."""
THINKS = {
    *("chat_completions", "responses", "messages", "generate_content", "interactions"),
    "invoke",  # in the shape of chat completions
}
"""Targets that tell how much of what they wrote was thought."""
READS_CACHE = {*WRITES_CACHE, "generate_content", "interactions", "cohere_chat", "cohere_chat_v1"}
HEARS_THOUGHTS = {"chat_completions", "responses"}
"""Clients whose SDK has a field for it, which the oldest supported one of Anthropic has not."""
if "output_tokens_details" in anthropic.types.Usage.model_fields:
    HEARS_THOUGHTS |= {"messages"}


def counted(client: str, usage: Any) -> dict[str, int]:
    """Counts as the SDK's type has them, by the names of this project; what is 0 is left out."""
    found: dict[str, Any] = {}
    if client == "chat_completions":
        before, after = usage.prompt_tokens_details, usage.completion_tokens_details
        found |= {"input": usage.prompt_tokens, "output": usage.completion_tokens}
        found |= {"total": usage.total_tokens, "read": before and before.cached_tokens}
        found["written"] = before and getattr(before, "cache_write_tokens", None)
        found["thought"] = after and after.reasoning_tokens
    elif client == "responses":
        found |= {"input": usage.input_tokens, "output": usage.output_tokens}
        found |= {"total": usage.total_tokens, "read": usage.input_tokens_details.cached_tokens}
        found["written"] = getattr(usage.input_tokens_details, "cache_write_tokens", None)
        found["thought"] = usage.output_tokens_details.reasoning_tokens
    else:
        read, written = usage.cache_read_input_tokens, usage.cache_creation_input_tokens
        details = getattr(usage, "output_tokens_details", None)
        thought = getattr(details, "thinking_tokens", None)
        found |= {"input": usage.input_tokens + (read or 0) + (written or 0)}
        found |= {"output": usage.output_tokens, "read": read, "written": written}
        found |= {"thought": thought, "total": found["input"] + usage.output_tokens}
    return {name: count for name, count in found.items() if count}


@pytest.mark.parametrize("how", READ)
@pytest.mark.parametrize(("target", "client"), PAIRS)
def test_counts_arrive_in_the_clients_own_fields(
    target: str,
    client: str,
    how: str,
    sdks: Sdks,  # noqa: F811 - the fixture
) -> None:
    """With the sums that are true in its format: Anthropic counts what was cached apart."""
    stream = how == "stream"
    answer = replace(said(TextPart(content="One two")), usage=USAGE)
    sdks.server.next(relayed(client, reply_of(target, answer, stream=stream), stream=stream).behave)
    expected = {"input": 20, "output": 9, "total": 29}
    expected |= {"read": 5} if target in READS_CACHE else {}
    expected |= {"written": 3} if target in WRITES_CACHE else {}
    expected |= {"thought": 4} if target in THINKS and client in HEARS_THOUGHTS else {}
    assert expected == counted(client, READ[how](client, sdks).usage)


AUDIO: Json = {
    "prompt_tokens": 20,
    "completion_tokens": 9,
    "total_tokens": 29,
    "prompt_tokens_details": {"audio_tokens": 6, "cached_tokens": 5},
    "completion_tokens_details": {"audio_tokens": 3},
}


@pytest.mark.parametrize("client", ["responses", "messages"])
def test_tokens_of_audio_are_in_the_sums(
    client: str,
    sdks: Sdks,  # noqa: F811 - the fixture
) -> None:
    """No other format counts them apart."""
    reply = replied("chat_completions", {**BODIES["chat_completions"], "usage": AUDIO})
    sdks.server.next(relayed(client, reply, stream=False).behave)
    usage = READ["whole"](client, sdks).usage
    assert {"input": 20, "output": 9, "total": 29, "read": 5} == counted(client, usage)
