"""Asking a model for text, with either provider's SDK."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypedDict

from anthropic import Anthropic
from openai import OpenAI

__all__ = ["Ask", "Message", "with_anthropic", "with_openai"]

OPENAI_MODEL = "gpt-5-mini"
ANTHROPIC_MODEL = "claude-sonnet-4-6"


class Message(TypedDict):
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    content: str


Ask = Callable[[str, Sequence[Message], dict[str, Any] | None], str]
"""Takes instructions, a conversation, and the JSON Schema of the answer where it is to be JSON."""


def with_openai(client: OpenAI) -> Ask:
    """Ask through OpenAI's chat completions."""

    def ask(system: str, messages: Sequence[Message], schema: dict[str, Any] | None) -> str:
        wanted: dict[str, Any] = {}
        if schema:
            described = {"name": "answer", "strict": True, "schema": schema}
            wanted["response_format"] = {"type": "json_schema", "json_schema": described}
        sent: Any = [{"role": "system", "content": system}, *messages]
        answer = client.chat.completions.create(model=OPENAI_MODEL, messages=sent, **wanted)
        return answer.choices[0].message.content or ""

    return ask


def with_anthropic(client: Anthropic) -> Ask:
    """Ask through Anthropic's messages."""

    def ask(system: str, messages: Sequence[Message], schema: dict[str, Any] | None) -> str:  # noqa: ARG001  # the instructions describe the JSON well enough
        sent: Any = list(messages)
        answer = client.messages.create(
            model=ANTHROPIC_MODEL, max_tokens=400, system=system, messages=sent
        )
        return "".join(block.text for block in answer.content if block.type == "text")

    return ask
