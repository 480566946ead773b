"""A span, and the call of a model that it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pytest_llmreplay.event import Json, Response, Session
from pytest_llmreplay.importers.neutral.answered import answered_of
from pytest_llmreplay.importers.neutral.asked import asked_of
from pytest_llmreplay.importers.neutral.bodies import came_body, sent_body
from pytest_llmreplay.importers.neutral.call import (
    Answered,
    Asked,
    LoggedCall,
    NoCall,
    Unimportable,
)
from pytest_llmreplay.importers.neutral.conventions import read_parts
from pytest_llmreplay.importers.neutral.decoding import decoded, from_text
from pytest_llmreplay.importers.neutral.failed import failed_with
from pytest_llmreplay.importers.neutral.offered import with_tools
from pytest_llmreplay.importers.neutral.parameters import parameters_of
from pytest_llmreplay.providers.chat_completions.answer import finish_class
from pytest_llmreplay.providers.fields import as_text, first_int

from .content import answered_on, asked_on
from .measured import invoked_on, measured_on, streamed_on, usage_on
from .message_events import DETAILS, with_listed_events
from .offered_tools import tools_on
from .otlp import Span

__all__ = ["WORDLESS", "call_of"]

WORDLESS = "no messages: the instrumentation was not told to capture content"

_OPERATIONS = frozenset({"chat", "text_completion", "generate_content", "completion", "response"})
_MODEL = (
    *("gen_ai.request.model", "llm.request.model", "llm.request.model_name", "llm.model_name"),
    "gen_ai.response.model",
)
_PROVIDER = ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "llm.vendor")
_SESSION = ("gen_ai.conversation.id", "session.id", "traceloop.association.properties.session_id")
_PROMPT = ("gen_ai.prompt.name", "traceloop.prompt.key", "langfuse.observation.prompt.name")
_HOST = ("server.address",)
_ENDED = ("anthropic.message.stop_reason", "llm.finish_reason")
_APIS = {"chat_completions": "chat_completions", "responses": "responses"}
_SPELLED = {
    "choice.count": "n",
    "reasoning.level": "reasoning_effort",
    "stop_sequences": "stop",
}


def call_of(span: Span, path: Iterable[str]) -> LoggedCall:
    """What a span tells of the call that it was.

    Args:
        span: The span.
        path: Names of the spans around it, the outermost first.

    Raises:
        NoCall: It is a span of something else.
        Unimportable: It does not tell what was said.
    """
    span = with_listed_events(span)
    attributes = {**span.attributes, **_details(span)}
    _refuse_others(attributes)
    content = asked_on(span, attributes)
    body = sent_body(content)
    asked = _asked(content, attributes) if body is None else asked_of(body, {})
    return LoggedCall(
        id=span.key or span.id,
        provider=_text(attributes, _PROVIDER),
        model=_model(body or {}, attributes),
        api=_api(attributes),
        host=_text(attributes, _HOST),
        asked=asked,
        answered=_answered(span, attributes),
        streamed=streamed_on(span, attributes),
        usage=usage_on(attributes),
        measured=measured_on(span, attributes),
        session=_session(span, attributes, path),
        prompt=_text(attributes, _PROMPT),
        labels={"span": span.name} if span.name and not span.logged else {},
    )


def _model(body: Mapping[str, Json], attributes: Mapping[str, Json]) -> str | None:
    """The model that was asked for, which OpenInference tells in the body or in the parameters."""
    named = as_text(body.get("model")) or as_text(invoked_on(attributes).get("model"))
    return named or _text(attributes, _MODEL)


def _api(attributes: Mapping[str, Json]) -> str | None:
    """The format of OpenAI's that was spoken; the ids of its responses begin with its name."""
    named = _APIS.get(as_text(attributes.get("openai.api.type")) or "")
    body = came_body(attributes.get("output.value")) or {}
    id_ = as_text(attributes.get("gen_ai.response.id")) or as_text(body.get("id")) or ""
    return named or ("responses" if id_.startswith("resp_") else None)


def _details(span: Span) -> dict[str, Json]:
    found = (event.attributes for event in span.events if event.name == DETAILS)
    return dict(next(found, {}))


def _refuse_others(attributes: Mapping[str, Json]) -> None:
    operation = as_text(attributes.get("gen_ai.operation.name")) or as_text(
        attributes.get("llm.request.type")
    )
    kind = as_text(attributes.get("openinference.span.kind"))
    if attributes.get("langfuse.observation.type") == "generation":
        raise Unimportable("a generation in Langfuse's own words: export it from Langfuse instead")
    if operation is None and kind is None:
        if _text(attributes, _MODEL) is None:
            raise NoCall("a span or an event that is no call of a model")
    elif operation not in _OPERATIONS and kind != "LLM":
        raise NoCall(f"a span of another kind: {operation or kind:.60}")


def _asked(content: Json, attributes: Mapping[str, Json]) -> Asked:
    if not content:
        raise Unimportable(WORDLESS)
    asked = with_tools(
        asked_of(content, _parameters(attributes)),
        tools_on(attributes),
        invoked_on(attributes).get("tool_choice"),
    )
    system = read_parts(from_text(attributes.get("gen_ai.system_instructions")) or [])
    if not system:
        return asked
    return replace(decoded(asked), system_instructions=system)


def _parameters(attributes: Mapping[str, Json]) -> dict[str, Json]:
    named = invoked_on(attributes)
    for name, value in attributes.items():
        for prefix in ("llm.request.", "llm.", "gen_ai.openai.request.", "gen_ai.request."):
            if name.startswith(prefix):
                key = name.removeprefix(prefix)
                named[_SPELLED.get(key, key)] = value
    return parameters_of(named)


def _answered(span: Span, attributes: Mapping[str, Json]) -> Answered:
    if span.failure is not None:
        kind = as_text(attributes.get("error.type"))
        status = first_int(attributes, ("http.response.status_code", "http.status_code"))
        words = span.failure or kind or "the call failed"
        return failed_with(words, status=_status(status, kind), type=kind)
    content = answered_on(span, attributes)
    if not content and attributes.get("logfire.span_type") == "span":
        raise NoCall("the beginning of a stream, whose end has a span of its own")
    answered = _alternatives(content, of_items=_api(attributes) == "responses")
    if not isinstance(answered, Response):
        return answered
    return _ended(replace(answered, id=as_text(attributes.get("gen_ai.response.id"))), attributes)


def _alternatives(value: Json, *, of_items: bool) -> Answered:
    """The answer; several messages are the choices of one.

    Args:
        value: What was answered.
        of_items: Whether each message is an item of one answer, as those of OpenAI's responses.
    """
    if not isinstance(value, list) or len(value) < 2:  # noqa: PLR2004  # several
        return answered_of(value)
    answers = [answer for answer in map(answered_of, value) if isinstance(answer, Response)]
    choices = tuple(choice for answer in answers for choice in answer.choices)
    if not choices:
        return answered_of(value)
    if of_items:
        parts = tuple(part for choice in choices for part in choice.message.parts)
        choices = (replace(choices[-1], message=replace(choices[-1].message, parts=parts)),)
    return replace(answers[0], choices=choices)


def _status(status: int | None, kind: str | None) -> int | None:
    """The HTTP status; a kind of error may be one."""
    return status or (int(kind) if kind and kind.isdecimal() and len(kind) < 4 else None)  # noqa: PLR2004 - digits


def _ended(response: Response, attributes: Mapping[str, Json]) -> Response:
    """The answer with the endings that stand beside it."""
    listed = from_text(attributes.get("gen_ai.response.finish_reasons"))
    words = listed if isinstance(listed, list) else [listed]
    alone = _text(attributes, _ENDED)
    choices = tuple(
        replace(choice, finish_reason=finish_class(_word(word or alone), choice.message.parts))
        if choice.finish_reason is None
        else choice
        for choice, word in zip(
            response.choices, [*words, *[None] * len(response.choices)], strict=False
        )
    )
    return replace(response, choices=choices)


def _word(word: Json) -> str | None:
    return "tool_calls" if word == "tool_call" else as_text(word)


def _session(span: Span, attributes: Mapping[str, Json], path: Iterable[str]) -> Session | None:
    """The conversation, else the trace; the spans around it are its path."""
    name = _text(attributes, _SESSION) or span.trace
    way = "/".join(part.replace("/", " ") for part in path)
    return Session(id=name, path=f"/{way}" if way else None) if name else None


def _text(attributes: Mapping[str, Json], names: Iterable[str]) -> str | None:
    return next((text for text in map(as_text, map(attributes.get, names)) if text), None)
