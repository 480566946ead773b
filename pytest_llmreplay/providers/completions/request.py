"""Reading a completions request."""

from __future__ import annotations

from dataclasses import replace

from pytest_llmreplay.event import Json, Message, Part, Request, TextPart, UnknownPart
from pytest_llmreplay.providers.chat_completions.request import read_request as read_chat_request

__all__ = ["read_request"]


def read_request(body: dict[str, Json], *, model: str | None, stream: bool) -> Request:
    """What was asked: the parameters are those of chat completions, the prompts are messages.

    `echo`, `suffix`, `best_of`, `logprobs` and whatever else has no field are in `extra`.
    """
    rest = dict(body)
    strange = {key: rest.pop(key) for key in ("messages",) if key in rest}
    prompts = tuple(
        Message(role="user", parts=(_read_prompt(prompt),))
        for prompt in _prompts(rest.pop("prompt", None))
    )
    request = read_chat_request(rest, model=model, stream=stream)
    return replace(request, messages=prompts, extra={**strange, **request.extra})


def _prompts(value: Json) -> list[Json]:
    """The prompts one by one: a text, texts, token ids, or lists of token ids."""
    if value is None:
        return []
    if not isinstance(value, list) or all(isinstance(item, int) for item in value):
        return [value]
    return value


def _read_prompt(value: Json) -> Part:
    if isinstance(value, str):
        return TextPart(content=value)
    return UnknownPart(type="tokens" if isinstance(value, list) else "prompt", raw=value)
