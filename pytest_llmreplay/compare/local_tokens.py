"""Tokens of a call as a tokenizer on this machine counts them, where its provider reports none.

Such a count is never held against a reported one: it is a few tokens off, as only the provider
knows how messages and tools are put together.
"""

from __future__ import annotations

import re

from pytest_llmreplay.event import (
    Event,
    Part,
    Request,
    Response,
    TextPart,
    ToolCallPart,
    ToolCallResponsePart,
)

from .prices import LOCAL
from .tokens import Source, tokens_of_request, tokens_of_response

__all__ = ["local_tokens"]

_THINKS = re.compile(r"o\d|gpt-5(?!.*chat)")
"""OpenAI's models whose thoughts are counted, and not in the answer:
https://platform.openai.com/docs/guides/reasoning"""
_ELSEWHERE = frozenset({"conversation", "previous_response_id", "prompt"})
"""Of a request to `responses`: what else the model reads stands with the provider."""


def local_tokens(event: Event, kind: str) -> int | None:
    """Tokens of a call, by a tokenizer that was made for its model.

    Args:
        event: The call.
        kind: `input_tokens`, `output_tokens`, or `tokens` for both.

    Returns:
        None where no such tokenizer is on this machine, or where the model read or wrote what
        cannot be counted here: pictures, thoughts, what stands with the provider.
    """
    # A server of one's own may call any model by any name.
    if event.provider in LOCAL:
        return None
    model = (event.response.model or event.model or "").removeprefix("openai/")
    counts = []
    if kind != "output_tokens":
        counts.append(_read(event.request, model))
    if kind != "input_tokens":
        counts.append(_wrote(event.response, model))
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _read(request: Request, model: str) -> int | None:
    parts = [*request.system_instructions]
    parts += [part for message in request.messages for part in message.parts]
    whole = (
        parts
        and all(map(_is_words, parts))
        and all(tool.kind == "function" for tool in request.tools)
        and not any(request.extra.get(key) for key in _ELSEWHERE)
    )
    return _counted(tokens_of_request(request, model)) if whole else None


def _wrote(response: Response, model: str) -> int | None:
    parts = [part for choice in response.choices for part in choice.message.parts]
    whole = parts and all(map(_is_words, parts)) and not response.truncated
    if not whole or _THINKS.match(model):
        return None
    return _counted(tokens_of_response(response, model))


def _is_words(part: Part) -> bool:
    if isinstance(part, ToolCallResponsePart):
        return all(map(_is_words, part.response))
    return isinstance(part, TextPart | ToolCallPart)


def _counted(found: tuple[int, Source]) -> int | None:
    count, source = found
    return count if source == "tiktoken" else None
