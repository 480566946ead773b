"""A question in the shape of a call that has to be answered by a schema, and its answer."""

from __future__ import annotations

from pytest_llmreplay.compare.answers.answer_view import json_answer
from pytest_llmreplay.compare.answers.content import refused, texts_of
from pytest_llmreplay.compare.judged import Opinion, opinion
from pytest_llmreplay.event import (
    Event,
    Exchange,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    Response,
)
from pytest_llmreplay.event.strict_json import UNIQUE_JSON
from pytest_llmreplay.providers.endpoints.lookup import format_owner
from pytest_llmreplay.providers.registry import decoder_of

from .question import Question

__all__ = ["as_event", "event_of", "opinion_of"]

_MAX_TOKENS = 4096
"""Anthropic's format demands a limit; it leaves room for thoughts before two sentences."""

_CHOICES = {"A": 1.0, "tie": 0.5, "B": 0.0}
"""What a choice says of the answer that stands first."""


def as_event(question: Question, api: str) -> Event:
    """The question as if it had been recorded, so that it is sent as recordings are.

    Anthropic's format forces a tool, all others take a schema for the answer: OpenAI's chat format
    is converted into that of the judge.
    """
    if api == "messages":
        return event_of(api, _message(question))
    return event_of("chat_completions", _chat(question))


def event_of(api: str, body: dict[str, Json]) -> Event:
    """A body as if it had been recorded."""
    request = HttpRequest(method="POST", url="", body=JsonBody(value=body))
    return Event(
        number=0,
        provider=format_owner(api),
        model=None,
        api=api,
        exchange=Exchange(request=request, response=HttpResponse(status=200)),
        decoder=decoder_of(api),
        name="judge",
    )


def opinion_of(question: Question, answer: Response) -> Opinion:
    """What a judge said: a score, or 1, 0.5 or 0 for the answer that stands first of two.

    No value where it said neither.
    """
    fields, problem = _fields(question, answer)
    if problem is not None:
        return Opinion(value=None, problem=problem)
    word = fields.get(question.field)
    if question.kind == "better":
        chosen = _CHOICES.get(word) if isinstance(word, str) else None
        if chosen is None:
            return Opinion(value=None, problem=f"the judge chose {word!r:.60}, not A, B or tie")
        word = chosen
    return opinion(word, fields.get("explanation"))


def _chat(question: Question) -> dict[str, Json]:
    schema: Json = {"name": question.name, "strict": True, "schema": question.schema}
    return {
        "messages": [
            {"role": "system", "content": question.system},
            {"role": "user", "content": question.user},
        ],
        "response_format": {"type": "json_schema", "json_schema": schema},
    }


def _message(question: Question) -> dict[str, Json]:
    tool: Json = {
        "name": question.name,
        "description": "Gives the grade.",
        "input_schema": question.schema,
    }
    return {
        "max_tokens": _MAX_TOKENS,
        "system": question.system,
        "messages": [{"role": "user", "content": question.user}],
        "tools": [tool],
        "tool_choice": {"type": "tool", "name": question.name},
    }


def _fields(question: Question, answer: Response) -> tuple[dict[str, Json], str | None]:
    """What stands in the answer, or why nothing does."""
    if (refusal := refused(answer)) is not None:
        return {}, f"the judge refused: {' '.join(refusal.split())[:200]}"
    if answer.finish_reason == "length":
        return {}, "the judge's answer was cut by its length"
    called = [call.arguments for call in answer.tool_calls if call.name == question.name]
    if called:
        found = called[0]
        if any(one != found for one in called):
            return {}, "the judge gave several verdicts that differ"
    else:
        words = "".join(texts_of(answer)[:1])
        value = json_answer(words, UNIQUE_JSON)
        if value.problem:
            shown = f" in {words!r:.60}" if words.strip() else ""
            return {}, f"the judge's answer is {value.problem}{shown}"
        found = value.value
    if isinstance(found, dict):
        return found, None
    return {}, f"the judge answered {found!r:.60}, which is no object"
