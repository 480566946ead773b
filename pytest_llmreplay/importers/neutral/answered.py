"""What was answered, in the shapes in which logs keep an answer."""

from __future__ import annotations

from dataclasses import replace

from pytest_llmreplay.event import (
    Choice,
    Exchange,
    FinishReason,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    Message,
    Response,
    TextPart,
)
from pytest_llmreplay.providers.chat_completions.answer import finish_class
from pytest_llmreplay.providers.fields import as_object, as_text
from pytest_llmreplay.providers.registry import FORMATS

from .ai_sdk import ai_sdk_call, are_ai_sdk_calls
from .asked import format_of_message, on_the_wire
from .call import Answered, Shaped, Unimportable
from .conventions import has_parts, read_messages
from .converse import are_converse_blocks, converse_answer
from .decoding import CHAT, MESSAGES, from_text
from .google import google_answer, without_nulls
from .langchain import answer_facts, is_langchain, wire_message

__all__ = ["answered_of", "words_of"]

_GEMINI = "generate_content"
_HOLDERS = ("message", "output", "answer", "text", "completion", "response", "result")
"""Names under which people keep an answer of their own."""


def answered_of(answer: Json) -> Answered:
    """The answer that a log tells.

    Args:
        answer: A body of a provider, messages of any shape, LangChain's generations, or a text.

    Raises:
        Unimportable: There is no answer in it.
    """
    value = from_text(answer)
    if isinstance(value, str):
        return words_of(value)
    if isinstance(value, list):
        return _of_list(value)
    if isinstance(value, dict) and value:
        return _of_object(google_answer(value) or value, answer)
    raise Unimportable("no answer")


def _of_object(value: dict[str, Json], answer: Json) -> Answered:
    if (api := _body_of(value)) is not None:
        return Shaped(api=api, body=_on_the_wire(api, value))
    if is_langchain(value):
        return _of_langchain(value)
    match value:
        case {"generations": list(generations)}:
            return _generated(generations, value.get("llm_output"))
        case {"messages": list(messages)}:
            return _of_list(messages)
        case {"role": str()}:
            return _of_message(value)
        case _:
            return _held_in(value, answer)


def _held_in(value: dict[str, Json], answer: Json) -> Answered:
    """The answer under a name that people give it, or the object itself, written as a text."""
    held = next((value[key] for key in _HOLDERS if value.get(key)), None)
    if held is not None:
        return answered_of(held)
    if isinstance(answer, str):
        return words_of(answer)
    if isinstance(value.get("content"), str | list):
        return _of_message({"role": "assistant", **value})
    raise Unimportable(f"no answer under {', '.join(list(value)[:5])}")


def _on_the_wire(api: str, body: dict[str, Json]) -> dict[str, Json]:
    """The body as its format has it."""
    if api == _GEMINI:
        return as_object(without_nulls(body))
    return {"type": "message", **body} if api == MESSAGES else body


def _body_of(value: dict[str, Json]) -> str | None:
    """The format whose whole answer this is."""
    if isinstance(value.get("choices"), list):
        return CHAT
    if isinstance(value.get("candidates"), list):
        return _GEMINI
    if value.get("object") == "response":
        return "responses"
    if "message" in as_object(value.get("output")) and "stopReason" in value:
        return "converse"
    block = value.get("type") == "message" or "stop_reason" in value
    return MESSAGES if block and isinstance(value.get("content"), list) else None


def _of_list(values: list[Json]) -> Answered:
    """The last message; items of OpenAI's responses are one answer together."""
    if are_ai_sdk_calls(values):
        calls: list[Json] = [ai_sdk_call(as_object(one)) for one in values]
        return _of_message({"role": "assistant", "content": None, "tool_calls": calls})
    match values:
        case [list(only)]:
            return _of_list(only)
        case [{"type": "message" | "function_call" | "reasoning"}, *_]:
            return _decoded("responses", {"object": "response", "output": values})
        case [{"type": "text" | "tool_use" | "thinking"}, *_]:
            return _of_message({"role": "assistant", "content": values})
        case [*_, dict(last)]:
            return _of_object(last, last)
        case [*_, str(last)]:
            return words_of(last)
        case _:
            raise Unimportable("no answer")


def _of_message(message: dict[str, Json]) -> Response:
    if has_parts(message):
        return _conventional(message)
    finish = message.get("finish_reason")
    if are_converse_blocks(message.get("content")):
        return _decoded("converse", converse_answer(message))
    if format_of_message(message) == MESSAGES:
        body: dict[str, Json] = {**message, "type": "message", "stop_reason": finish}
        return _decoded(MESSAGES, body)
    choice: dict[str, Json] = {
        "index": 0,
        "message": on_the_wire(message),
        "finish_reason": finish,
    }
    return _decoded(CHAT, {"choices": [choice]})


def _conventional(message: dict[str, Json]) -> Response:
    decoded = read_messages([message])[0]
    word = as_text(message.get("finish_reason"))
    finish = finish_class("tool_calls" if word == "tool_call" else word, decoded.parts)
    return Response(choices=(Choice(message=decoded, finish_reason=finish),))


def _generated(generations: list[Json], output: Json) -> Response:
    """LangChain's result: batches of generations, of which the first is the answer."""
    match generations:
        case [[dict(first), *_], *_] | [dict(first), *_]:
            message, facts = first.get("message"), first.get("generation_info")
        case _:
            raise Unimportable("no answer among the generations")
    if is_langchain(message):
        response = _of_langchain(message)
    else:
        response = words_of(as_text(first.get("text")) or "")
    merged = {**as_object(output), **as_object(facts)}
    return _with_facts(response, merged)


def _of_langchain(message: Json) -> Response:
    return _with_facts(_of_message(wire_message(message)), answer_facts(message))


def _with_facts(response: Response, facts: dict[str, Json]) -> Response:
    """The answer with the id, the model and the ending that stand beside it."""
    word = as_text(facts.get("finish_reason")) or as_text(facts.get("stop_reason"))
    finish: FinishReason | None = finish_class(word, response.parts)
    choices = tuple(
        replace(choice, finish_reason=choice.finish_reason or finish) for choice in response.choices
    )
    return replace(
        response,
        id=response.id or as_text(facts.get("id")),
        model=response.model or as_text(facts.get("model_name")) or as_text(facts.get("model")),
        choices=choices,
    )


def words_of(words: str, finish: FinishReason | None = None) -> Response:
    """The answer that is a text."""
    message = Message(role="assistant", parts=(TextPart(content=words),) if words else ())
    return Response(choices=(Choice(message=message, finish_reason=finish),))


def _decoded(api: str, body: dict[str, Json]) -> Response:
    """The neutral answer, without the keys that marked where it stood."""
    asked = HttpRequest(method="POST", url="")
    answer = HttpResponse(status=200, body=JsonBody(value=body))
    response = FORMATS[api].response(Exchange(request=asked, response=answer))
    choices = tuple(
        replace(choice, message=replace(choice.message, extra={})) for choice in response.choices
    )
    return replace(response, choices=choices, extra={}, error=None)
