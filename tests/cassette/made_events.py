"""Events as the tests of this stage need them."""

from __future__ import annotations

from pytest_llmreplay.event import (
    Chunk,
    Event,
    Exchange,
    Failure,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    StreamBody,
)
from pytest_llmreplay.providers.registry import decoder_of

URL = "https://api.openai.com/v1/chat/completions"


def request(body: Json = None) -> HttpRequest:
    """A request with a JSON body."""
    return HttpRequest(method="POST", url=URL, body=JsonBody(value=body or {"model": "m"}))


def answer(text: str = "hello") -> HttpResponse:
    """A plain answer of chat completions."""
    message: Json = {"role": "assistant", "content": text}
    choice: Json = {"index": 0, "message": message, "finish_reason": "stop"}
    body: Json = {"id": "c1", "object": "chat.completion", "model": "m-2", "choices": [choice]}
    return HttpResponse(status=200, body=JsonBody(value=body))


def piece(delta: str, finish: str = "null") -> bytes:
    """A server-sent event of chat completions."""
    choice = f'{{"index":0,"delta":{delta},"finish_reason":{finish}}}'
    return f'data: {{"id":"c1","model":"m-2","choices":[{choice}]}}\n\n'.encode()


def streamed(*texts: str, headers: dict[str, str] | None = None) -> HttpResponse:
    """The same in pieces."""
    pieces = [piece('{"role":"assistant","content":""}')]
    pieces += [piece(f'{{"content":"{text}"}}') for text in texts]
    pieces += [piece("{}", '"stop"'), b"data: [DONE]\n\n"]
    chunks = [Chunk(at=place / 10, data=data) for place, data in enumerate(pieces)]
    return HttpResponse(status=200, headers=headers or {}, body=StreamBody(chunks=tuple(chunks)))


def event(
    number: int = 1,
    *,
    sent: HttpRequest | None = None,
    came: HttpResponse | Failure | None = None,
    api: str = "chat_completions",
) -> Event:
    """An event of chat completions."""
    return Event(
        number=number,
        provider="openai",
        model="m",
        api=api,
        exchange=Exchange(request=sent or request(), response=came or answer()),
        decoder=decoder_of(api),
    )
