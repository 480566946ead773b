"""Writing the plain answer of responses."""

from __future__ import annotations

from pytest_llmreplay.event import Choice, FinishReason, Json, Response
from pytest_llmreplay.providers.answers.envelope import made_id, with_counts
from pytest_llmreplay.providers.fields import as_object

from .answer import INCOMPLETE, finish_class
from .encode_items import encode_output
from .usage import write_usage

__all__ = ["encode_answer"]

_WORDS: dict[FinishReason, str] = {
    "stop": "completed",
    "tool_call": "completed",
    "compaction": "completed",
    "length": f"{INCOMPLETE}max_output_tokens",
    "content_filter": f"{INCOMPLETE}content_filter",
    "error": "failed",
}
_OWN_WORDS = frozenset({*_WORDS.values(), "cancelled"})


def encode_answer(response: Response) -> dict[str, Json]:
    """The body of a plain answer.

    An answer that was decoded from this format is written as it was; any other gets the keys that
    clients rely on. The format knows one choice only.
    """
    extra = dict(response.extra)
    decoded = isinstance(extra.pop("output", None), list)
    choice = response.choices[0] if response.choices else None
    body: dict[str, Json] = {} if decoded else _defaults(response)
    named = {"id": response.id, "model": response.model}
    body |= {key: value for key, value in named.items() if value is not None}
    body |= extra
    if choice is not None:
        body |= _ending(choice, extra, decoded=decoded)
        made = made_id("", response)
        body["output"] = encode_output(choice.message.parts, decoded=decoded, made=made)
    return body | with_counts(response.usage, write_usage(response.usage))


def _defaults(response: Response) -> dict[str, Json]:
    return {
        "id": made_id("resp_", response),
        "object": "response",
        "created_at": 0,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": "",
        "output": [],
        "parallel_tool_calls": True,
        "temperature": None,
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "usage": None,
    }


def _ending(choice: Choice, extra: dict[str, Json], *, decoded: bool) -> dict[str, Json]:
    """Status and the reason why an answer is not whole; nothing where none was told."""
    word, same = _finish_word(choice, decoded=decoded)
    if word is None:
        return {}
    status, _, reason = word.partition(": ")
    ending: dict[str, Json] = {"status": status}
    if reason:
        known = as_object(extra.get("incomplete_details"))
        ending["incomplete_details"] = {**known, "reason": reason}
    elif not same:
        ending["incomplete_details"] = None
    return ending


def _finish_word(choice: Choice, *, decoded: bool) -> tuple[str | None, bool]:
    """The ending in the words of this format, and whether it is the recorded one."""
    word, finish = choice.finish_raw, choice.finish_reason
    same = finish_class(word, choice.message.parts) == finish
    if decoded and same:
        return word, True
    if word in _OWN_WORDS and same:
        return word, False
    return (None if finish is None else _WORDS[finish]), False
