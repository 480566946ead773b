"""Calls of an LLM host in no known format: kept, played back, not interpreted."""

from __future__ import annotations

from pytest_llmreplay.event import Exchange, Failure, Json, JsonBody, Request, Response, TextBody
from pytest_llmreplay.providers.answers.reading import error_in, failed, request_body
from pytest_llmreplay.providers.endpoints.routes import model_in_path, path_of

from .fields import as_object, as_text

__all__ = ["OTHER"]


class Other:
    """The decoder of everything that no format recognises."""

    name = "other"

    def model(self, url: str, body: Json) -> str | None:
        """The model that the body or the path names, if any."""
        named = as_text(body.get("model")) if isinstance(body, dict) else None
        return named or model_in_path(path_of(url))

    def request(self, exchange: Exchange, /) -> Request:
        """The whole body as `extra`, since nobody knows its format."""
        body = request_body(exchange)
        return Request(model=self.model(exchange.request.url, body), extra=body)

    def response(self, exchange: Exchange, /) -> Response:
        """The body as `extra`; an error where the status or the body says so."""
        answer = exchange.response
        if isinstance(answer, Failure):
            return failed(answer)
        body: Json = None
        if isinstance(answer.body, JsonBody):
            body = answer.body.value
        elif isinstance(answer.body, TextBody):
            body = answer.body.text
        extra = as_object(body)
        return Response(
            model=as_text(extra.get("model")),
            error=error_in(answer.status, body),
            truncated=answer.ended != "complete",
            extra=extra,
        )


OTHER = Other()
