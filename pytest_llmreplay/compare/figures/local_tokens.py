"""Tokens of a call as a tokenizer on this machine counts them, where its provider reports none.

Words alone can be counted: how tools, their calls and schemas become tokens only the provider
knows, and a guess at it is off by half. Also a count of words is a few tokens off, so it is never
held against a reported one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_llmreplay.event import (
    Event,
    Part,
    Request,
    TextPart,
)

from .prices import LOCAL
from .tokens import Source, tokens_of_request, tokens_of_response

__all__ = ["local_tokens"]

_THINKS = re.compile(r"o\d|gpt-5(?!.*chat)")
"""OpenAI's models whose thoughts are counted, and not in the answer:
https://platform.openai.com/docs/guides/reasoning"""
_ELSEWHERE = frozenset(
    {
        *("conversation", "instructions", "previous_interaction_id", "previous_response_id"),
        *("prompt", "thread", "web_search_options"),
    }
)
"""What a request does not say in words, although the model reads more."""


def local_tokens(event: Event, kind: str) -> int | None:
    """Tokens of a call, by a tokenizer that was made for its model.

    Args:
        event: The call.
        kind: `input_tokens`, `output_tokens`, or `tokens` for both.

    Returns:
        None where no such tokenizer is on this machine, or where the model read or wrote more
        than words: tools and their calls, pictures, thoughts, what stands with the provider.
    """
    model = (event.response.model or event.model or "").removeprefix("openai/")
    # A server of one's own may call any model by any name.
    if event.provider in LOCAL or _THINKS.match(model):
        return None
    counts = []
    if kind != "output_tokens":
        counts.append(_read(event.request, model))
    if kind != "input_tokens":
        counts.append(_wrote(event, model))
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _read(request: Request, model: str) -> int | None:
    parts = [*request.system_instructions]
    parts += [part for message in request.messages for part in message.parts]
    more = request.tools or request.output_schema is not None
    if more or not _are_words(parts) or any(request.extra.get(key) for key in _ELSEWHERE):
        return None
    return _counted(tokens_of_request(request, model))


def _wrote(event: Event, model: str) -> int | None:
    response = event.response
    parts = [part for choice in response.choices for part in choice.message.parts]
    hosted = any(tool.kind != "function" for tool in event.request.tools)
    if hosted or not _are_words(parts) or response.truncated:
        return None
    return _counted(tokens_of_response(response, model))


def _are_words(parts: Sequence[Part]) -> bool:
    return bool(parts) and all(isinstance(part, TextPart) for part in parts)


def _counted(found: tuple[int, Source]) -> int | None:
    count, source = found
    return count if source == "tiktoken" else None
