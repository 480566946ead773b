"""In whose terms a body asks, that Bedrock passes on to the maker of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_objects
from pytest_llmreplay.providers.prompted.request import PROMPTS

__all__ = ["Kind", "kind_asked"]

Kind: TypeAlias = Literal["chat_completions", "cohere_chat_v1", "converse", "prompt"]
"""The format that a body is in but for its envelope; `prompt` where no other API has one."""


def kind_asked(body: Mapping[str, Json]) -> Kind | None:
    """What a body is; none where it asks for no words."""
    messages = body.get("messages")
    if isinstance(messages, list):
        return "converse" if _has_untyped_blocks(messages) else "chat_completions"
    if isinstance(body.get("message"), str):
        return "cohere_chat_v1"
    return "prompt" if any(isinstance(body.get(key), str) for key in PROMPTS) else None


def _has_untyped_blocks(messages: Sequence[Json]) -> bool:
    """Whether messages are made of blocks whose one key says what they are, as in converse."""
    said = [message.get("content") for message in as_objects(list(messages))]
    blocks = [block for content in said for block in as_objects(content)]
    return bool(blocks) and not any("type" in block for block in blocks)
