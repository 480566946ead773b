"""A real model server answers the real SDKs, and answers the same again."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import openai
import pytest

pytest.importorskip("xllamacpp", reason="no build for this platform")

from servers.llama_server import LlamaServer, LlamaServers

QUESTIONS = [f"Question {number}: what lies behind door {number * 7}?" for number in range(24)]
SCHEMA = {
    "type": "object",
    "properties": {"reason": {"type": "string", "enum": ["damaged", "late", "unwanted"]}},
    "required": ["reason"],
}


def chat(server: LlamaServer) -> openai.OpenAI:
    """OpenAI's SDK, speaking to the server."""
    return openai.OpenAI(base_url=server.openai, api_key="none", max_retries=0)


def claude(server: LlamaServer) -> anthropic.Anthropic:
    """Anthropic's SDK, speaking to the server."""
    return anthropic.Anthropic(base_url=server.anthropic, api_key="none", max_retries=0)


def says(text: str) -> list[Any]:
    """A conversation of one message."""
    return [{"role": "user", "content": text}]


def answers(server: LlamaServer) -> list[str]:
    """What the model answers to all questions."""
    with chat(server) as client:
        create = client.chat.completions.create
        replies = [create(model=server.name, messages=says(question)) for question in QUESTIONS]
    return [reply.choices[0].message.content or "" for reply in replies]


def test_the_same_prompt_has_the_same_answer(llama_servers: LlamaServers) -> None:
    """The recorded model repeats itself, says something, and depends on its prompt."""
    first = answers(llama_servers())
    assert first == answers(llama_servers())
    assert all(answer.strip() for answer in first)
    assert len(QUESTIONS) / 2 < len(set(first))


def test_nudged_and_other_models(llama_servers: LlamaServers) -> None:
    """The next version changes some answers, another model nearly all."""
    tiny = answers(llama_servers("tiny"))
    nudged = sum(map(str.__eq__, tiny, answers(llama_servers("nudged"))))
    other = sum(map(str.__eq__, tiny, answers(llama_servers("other"))))
    assert len(QUESTIONS) / 3 <= nudged < len(QUESTIONS)
    assert len(QUESTIONS) / 6 >= other


def test_chat_stream(llama_servers: LlamaServers) -> None:
    """A streamed answer has the words of the plain one, and tells its usage."""
    server = llama_servers()
    with chat(server) as client:
        create = client.chat.completions.create
        whole = create(model="tiny", messages=says("hello"), max_tokens=12)
        events = list(
            create(
                model="tiny",
                messages=says("hello"),
                max_tokens=12,
                stream=True,
                stream_options={"include_usage": True},
            )
        )
    pieces = [event.choices[0].delta.content or "" for event in events if event.choices]
    assert whole.choices[0].message.content == "".join(pieces)
    assert whole.usage is not None
    assert events[-1].usage is not None
    assert whole.usage.completion_tokens == events[-1].usage.completion_tokens


def test_chat_tool_call(llama_servers: LlamaServers) -> None:
    """With `required` the model calls the tool, and its arguments fit the schema."""
    function: Any = {"name": "refund_order", "description": "Refund it.", "parameters": SCHEMA}
    with chat(llama_servers("tools")) as client:
        answer = client.chat.completions.create(
            model="tools",
            messages=says("The tent is torn."),
            tools=[{"type": "function", "function": function}],
            tool_choice="required",
            max_tokens=200,
        )
    (call,) = answer.choices[0].message.tool_calls or []
    assert call.type == "function"
    assert "refund_order" == call.function.name
    assert json.loads(call.function.arguments)["reason"] in {"damaged", "late", "unwanted"}


def test_messages_plain_stream_and_tool(llama_servers: LlamaServers) -> None:
    """Anthropic's SDK speaks to the same servers."""
    with claude(llama_servers()) as client:
        plain = client.messages.create(model="tiny", max_tokens=12, messages=says("hello"))
        with client.messages.stream(model="tiny", max_tokens=12, messages=says("hello")) as stream:
            streamed = stream.get_final_message()
    tool: Any = {"name": "refund_order", "description": "Refund it.", "input_schema": SCHEMA}
    with claude(llama_servers("tools")) as client:
        called = client.messages.create(
            model="tools",
            max_tokens=200,
            messages=says("The tent is torn."),
            tools=[tool],
            tool_choice={"type": "any"},
        )
    assert plain.content[0].text == streamed.content[0].text
    assert ["tool_use"] == [block.type for block in called.content]


def test_the_server_counts_what_it_reads(llama_servers: LlamaServers) -> None:
    """A test can prove that nothing was sent."""
    server = llama_servers()
    before = server.tokens_read
    assert before == server.tokens_read
    with chat(server) as client:
        client.chat.completions.create(model="tiny", messages=says("hello"), max_tokens=1)
    assert before < server.tokens_read
