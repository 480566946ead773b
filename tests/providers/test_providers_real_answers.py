"""Recorded answers of real providers in other formats, read by the SDKs' own types."""

from __future__ import annotations

import json
from pkgutil import resolve_name
from typing import Any

from real_calls import exchanges, needs_recordings
from sdk_clients import needs

from pytest_llmreplay.event import Exchange, HttpRequest, HttpResponse, JsonBody, Response
from pytest_llmreplay.providers.registry import FORMATS
from pytest_llmreplay.providers.retelling.answer import without_extra

TYPES = {
    "chat_completions": "openai.types.chat:ChatCompletion",
    "responses": "openai.types.responses:Response",
    "messages": "anthropic.types:Message",
}


def essence(response: Response) -> Any:
    """What no format may change."""
    calls = [(call.name, call.arguments) for call in response.tool_calls]
    usage = response.usage
    told = (usage.input_tokens or 0, usage.output_tokens or 0, usage.cache_read_input_tokens or 0)
    return calls, response.finish_reason, told


def told_again(client: str, response: Response) -> Response:
    """The answer as it comes out of the SDK's own type, all of whose fields are checked."""
    written = FORMATS[client].encode_response(without_extra(response))
    parsed = resolve_name(TYPES[client]).model_validate(written)
    body = JsonBody(value=json.loads(parsed.model_dump_json(exclude_unset=True, warnings=False)))
    request = HttpRequest(method="POST", url="")
    answer = HttpResponse(status=200, body=body)
    return FORMATS[client].response(Exchange(request=request, response=answer))


@needs_recordings
@needs(openai="2.0", anthropic="0.60")
def test_recorded_answers_arrive_in_the_other_formats() -> None:
    """Words, calls, ending and usage; an ending that a format has no word for is left aside."""
    counts = dict.fromkeys(TYPES, 0)
    for api, exchange in exchanges():
        response = FORMATS[api].response(exchange)
        if response.error is not None or response.finish_reason in {None, "error"}:
            continue
        for client in TYPES.keys() - {api}:
            again = told_again(client, response)
            assert essence(response) == essence(again)
            assert response.text in {again.text, again.text.removesuffix(response.refusal or "")}
            counts[client] += 1
    print(counts)  # noqa: T201  # the figures of the folder, for whoever runs it with -s
    assert all(counts.values())
