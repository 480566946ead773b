"""The plain answer to a prompt, read and written."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmreplay.event import (
    Choice,
    Json,
    Message,
    Part,
    RefusalPart,
    Response,
    TextPart,
    Usage,
)
from pytest_llmreplay.providers.answers.envelope import made_id
from pytest_llmreplay.providers.fields import as_int, as_list, as_object, as_text

from .shapes import COMMAND, FINISH, Path, Shape, named, reason_in, shape_of

__all__ = ["encode_answer", "read_answer"]


def read_answer(body: dict[str, Json]) -> Response | None:
    """The neutral answer; `None` where the body is none of a known shape.

    Where words stood an empty text is left, so that what is left tells the shape.
    """
    shape = shape_of(body)
    if shape is None:
        return None
    extra = dict(body)
    answers = as_list(body[shape.answers]) if shape.answers else [body]
    read = [_read_choice(shape, answer) for answer in answers]
    if shape.answers:
        extra[shape.answers] = [rest for _, rest in read]
    else:
        extra = dict(as_object(read[0][1]))
    told = as_text(extra.get("id"))
    if told is not None:
        del extra["id"]
    return Response(
        id=told,
        choices=tuple(choice for choice, _ in read),
        usage=_read_usage(shape, body),
        extra=extra,
    )


def encode_answer(response: Response, shape: Shape = COMMAND) -> dict[str, Json]:
    """The body of a plain answer.

    Args:
        response: One that was decoded from a known shape is written in it, as it was.
        shape: That of any other.
    """
    decoded = shape_of(response.extra)
    shape = decoded or shape
    rests = _rests(shape, response.extra) if decoded else []
    answers = [
        _encode_choice(shape, choice, rests[place] if place < len(rests) else {})
        for place, choice in enumerate(response.choices)
    ]
    body = dict(response.extra) if decoded else {}
    if decoded is None and shape is COMMAND:
        body["id"] = made_id("", response)
    if response.id is not None:
        body["id"] = response.id
    if shape.answers:
        body[shape.answers] = answers
    else:
        body |= as_object(answers[0] if answers else None)
    return _with_usage(shape, body, response.usage, decoded=decoded is not None)


def _read_choice(shape: Shape, answer: Json) -> tuple[Choice, Json]:
    """An answer, and what is left of it."""
    text = named(answer, shape.text)
    parts: tuple[Part, ...] = ()
    if isinstance(text, str):
        parts = (TextPart(content=text),) if text else ()
        answer = _with(answer, shape.text, "")
    reason = reason_in(shape, answer)
    word = named(answer, reason)
    finish = FINISH.get(word.lower()) if isinstance(word, str) else None
    choice = Choice(
        message=Message(role="assistant", parts=parts),
        finish_reason=finish,
        finish_raw=word if isinstance(word, str) else None,
    )
    return choice, _with(answer, reason, "") if isinstance(word, str) else answer


def _encode_choice(shape: Shape, choice: Choice, rest: Json) -> Json:
    said = [
        part.content for part in choice.message.parts if isinstance(part, TextPart | RefusalPart)
    ]
    if rest and not isinstance(named(rest, shape.text), str):
        return rest  # an answer without words, kept whole
    body = _with(rest, shape.text, "".join(said))
    word = _word(shape, choice)
    return body if word is None else _with(body, reason_in(shape, rest), word)


def _word(shape: Shape, choice: Choice) -> str | None:
    word, finish = choice.finish_raw, choice.finish_reason
    if word is not None and FINISH.get(word.lower()) == finish:
        return word
    if finish is None:
        return None
    return shape.words.get(finish) or shape.words["stop"]


def _rests(shape: Shape, extra: Mapping[str, Json]) -> list[Json]:
    return as_list(extra[shape.answers]) if shape.answers else [dict(extra)]


def _read_usage(shape: Shape, body: dict[str, Json]) -> Usage:
    written = as_int(named(body, shape.written)) if shape.written else None
    if shape.each_written:
        counts = [as_int(named(one, (shape.each_written,))) for one in as_list(body[shape.answers])]
        written = sum(filter(None, counts)) if any(count is not None for count in counts) else None
    read = as_int(named(body, shape.read)) if shape.read else None
    return Usage(input_tokens=read, output_tokens=written)


def _with_usage(
    shape: Shape, body: dict[str, Json], usage: Usage, *, decoded: bool
) -> dict[str, Json]:
    """The body with these counts; one that was decoded may have told none, and tells none again."""
    told = _read_usage(shape, body)
    counts = (
        (shape.read, usage.input_tokens, told.input_tokens),
        (shape.written, usage.output_tokens, told.output_tokens),
    )
    for path, count, before in counts:
        if path and count not in (None, before) and not (decoded and before is None):
            body = as_object(_with(body, path, count))
    answers = as_list(body[shape.answers]) if shape.each_written else []
    if answers and usage.output_tokens not in (None, told.output_tokens):
        first = _with(answers[0], (shape.each_written,), usage.output_tokens)
        others = [_with(answer, (shape.each_written,), 0) for answer in answers[1:]]
        body = body | {shape.answers: [first, *others]}
    return body


def _with(value: Json, path: Path, inner: Json) -> Json:
    """The same with another value at a path."""
    key, *rest = path
    known = as_object(value)
    return known | {key: _with(known.get(key), tuple(rest), inner) if rest else inner}
