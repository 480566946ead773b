"""Writing the plain answer of interactions."""

from __future__ import annotations

from pytest_llmreplay.event import Choice, FinishReason, Json, Response
from pytest_llmreplay.providers.answers.envelope import made_id, with_counts

from .answer import OUTPUTS, STEPS, finish_class
from .encode_steps import encode_steps
from .usage import write_usage

__all__ = ["encode_answer"]

_WORDS: dict[FinishReason, str] = {
    "stop": "completed",
    "tool_call": "requires_action",
    "compaction": "completed",
    "length": "incomplete",
    "content_filter": "incomplete",
    "error": "failed",
}


def encode_answer(response: Response) -> dict[str, Json]:
    """The body of a plain answer.

    An answer that was decoded from this format is written as it was; any other gets the keys that
    clients rely on. The format knows one choice only.
    """
    choice = response.choices[0] if response.choices else None
    waits = choice is not None and STEPS in choice.message.extra
    decoded = waits or any(isinstance(response.extra.get(key), list) for key in (STEPS, OUTPUTS))
    body: dict[str, Json] = {} if decoded else _defaults(response)
    named = {"id": response.id, "model": response.model}
    body |= {key: value for key, value in named.items() if value is not None}
    body |= response.extra
    if choice is not None:
        word = _finish_word(choice)
        body |= {} if word is None else {"status": word}
        bare = decoded and not isinstance(response.extra.get(STEPS), list)
        if not waits:
            body[OUTPUTS if bare else STEPS] = encode_steps(
                choice.message.parts, decoded=decoded, made=made_id("call_", response), bare=bare
            )
    return body | with_counts(response.usage, write_usage(response.usage))


def _defaults(response: Response) -> dict[str, Json]:
    return {
        "id": made_id("v1_", response),
        "object": "interaction",
        "status": "completed",
        STEPS: [],
    }


def _finish_word(choice: Choice) -> str | None:
    """The ending in the words of this format: the recorded one, where it still says the same."""
    word, finish = choice.finish_raw, choice.finish_reason
    if word is not None and finish_class(word, choice.message.parts) == finish:
        return word
    return None if finish is None else _WORDS[finish]
