"""The answer of a script, dressed as a provider would: ids, model name, tokens, times."""

from __future__ import annotations

import json
import string
from functools import cached_property

from pytest_llmreplay.event import (
    Choice,
    Exchange,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    Message,
    Part,
    RefusalPart,
    Request,
    Response,
    TextPart,
    ToolCallPart,
    Usage,
)
from pytest_llmreplay.loopback.reply import Reply

from .dice import Dice
from .script import Line, Script
from .take import Call, Pace, Take
from .words import tokens_of

__all__ = ["ScriptedTake", "neutral_request"]

_LETTERS = string.ascii_letters + string.digits
_ANTHROPIC = {"answer": ("msg_01", 22), "call": ("toolu_01", 22), "request": ("req_01", 22)}
_OPENAI = {"answer": ("chatcmpl-", 29), "call": ("call_", 24), "request": ("req_", 32)}
_RESPONSES = {**_OPENAI, "answer": ("resp_", 48)}
_GOOGLE = {"answer": ("", 23), "call": ("", 8), "request": ("", 32)}
_INTERACTIONS = {**_GOOGLE, "answer": ("v1_", 40)}
_SHAPES = {
    "messages": _ANTHROPIC,
    "responses": _RESPONSES,
    "generate_content": _GOOGLE,
    "interactions": _INTERACTIONS,
}
"""Ids by format, as prefix and number of letters; all other formats have OpenAI's."""
_CREATED = {"chat_completions": "created", "responses": "created_at"}
"""Where the formats that tell it say when an answer was made."""


def neutral_request(call: Call) -> Request:
    """A request in neutral terms."""
    request = HttpRequest(method="POST", url=call.url, body=JsonBody(value=call.body))
    return call.api.request(Exchange(request=request, response=HttpResponse(status=200)))


class ScriptedTake(Take):
    """Answers with a line of a script.

    Args:
        call: What the client asks.
        request: The same in neutral terms.
        line: The line that is meant for it.
        script: The script it stands in.
        seed: Seed of the server; ids follow from it, the request, and how often it was sent.
    """

    def __init__(
        self, call: Call, request: Request, *, line: Line, script: Script, seed: int
    ) -> None:
        super().__init__(call, seed=seed)
        self._request, self._line, self._script = request, line, script
        self._body = json.dumps(call.body, ensure_ascii=False, sort_keys=True)
        self._ids = Dice(f"{seed}:{call.attempt}:{self._body}")
        self._shapes = _SHAPES.get(call.api.name, _OPENAI)
        named = "request-id" if self._shapes is _ANTHROPIC else "x-request-id"
        self.headers = ((named, self._id("request")),)

    @property
    def request(self) -> Request:
        """What the client asked."""
        return self._request

    @property
    def label(self) -> str:
        """What chance is drawn by: the body of the request."""
        return self._body

    @cached_property
    def response(self) -> Response:
        """The line as an answer of the model that was asked."""
        asked_for = self._request.model or ""
        message = Message(role="assistant", parts=self._parts())
        return Response(
            id=self._id("answer"),
            model=self._script.models.get(asked_for, asked_for),
            choices=(Choice(message=message, finish_reason=self._line.ending),),
            usage=Usage(input_tokens=tokens_of(self._body), output_tokens=self._tokens),
            extra=self._created(),
        )

    @property
    def pace(self) -> Pace:
        """Times by the script's rule."""
        first = self._script.first
        return Pace(first, first + self._script.per_token * self._tokens)

    @property
    def steady(self) -> Reply:
        """The line in the format that was asked for, in its time."""
        reply = self.encoded(self.response)
        return reply.paced(first=self.pace.first, total=self.pace.total)

    @property
    def _tokens(self) -> int:
        called = "".join(f"{name} {json.dumps(given)}" for name, given in self._line.calls)
        return tokens_of(self._line.text + self._line.refusal + called)

    def _parts(self) -> tuple[Part, ...]:
        line = self._line
        calls = tuple(
            ToolCallPart(id=self._id("call"), name=name, arguments=dict(arguments))
            for name, arguments in line.calls
        )
        text = (TextPart(content=line.text),) if line.text else ()
        refusal = (RefusalPart(content=line.refusal),) if line.refusal else ()
        return (*text, *refusal, *calls)

    def _created(self) -> dict[str, Json]:
        key = _CREATED.get(self.call.api.name)
        return {} if key is None else {key: self._script.created}

    def _id(self, kind: str) -> str:
        prefix, length = self._shapes[kind]
        return prefix + self._ids.letters(length, _LETTERS)
