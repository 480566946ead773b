"""From a recorded event to the request that is sent: as recorded, but for what a person changed."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import quote

from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import Event, Failure, Json, JsonBody
from pytest_llmreplay.providers.api import ApiFormat
from pytest_llmreplay.providers.registry import format_of

from .endpoints import Endpoints
from .hosted import refusal
from .outgoing import EVENT_HEADER, Outgoing
from .overrides import Overrides
from .result import NotReplayed
from .targets import Target

__all__ = ["encoded_path", "not_replayed", "prepare"]

CARRIED = ("anthropic-version", "anthropic-beta", "openai-beta")
"""Headers of the recording that say how its body is meant; they are sent again."""

OLDEST_VERSION = "2023-06-01"
"""The API version of a request that names none: its body may hold what later ones refuse
(https://platform.claude.com/docs/en/api/migration-2026-10-21)."""

PLAIN = re.compile(r"[\x20-\x7e]{1,1000}")

ERROR = 400


def prepare(
    event: Event,
    target: Target,
    overrides: Overrides,
    endpoints: Endpoints,
    *,
    allow: Collection[str] = (),
    errors: bool = False,
    reference: str | None = None,
) -> Outgoing:
    """The request that asks a target what a recorded event asked.

    Args:
        event: The recording.
        target: Where it goes.
        overrides: What a person changed.
        endpoints: Knows hosts and keys.
        allow: What `--llm-allow` lets through of what acts with the account.
        errors: Whether recorded errors are sent too.
        reference: What a simulated server knows the event by.

    Raises:
        NotReplayed: The event is not sent, by decision.
        ReplayError: The target does not speak the event's format.
        ConfigError: A key is missing, or a host is not trusted.
    """
    spoken, recorded = format_of(event.api), _recorded_body(event)
    reason = _unsendable(event, errors=errors)
    if reason is not None or spoken is None or recorded is None:
        raise NotReplayed(reason or "")
    model = overrides.model or target.model or event.model
    body = _changed(spoken, recorded, model, (Overrides(set=target.parameters), overrides))
    reason = refusal(body, allow)
    if reason is not None:
        raise NotReplayed(reason)
    endpoint = endpoints.of(target, provider=event.provider, api=event.api)
    stream = spoken.streams(event.exchange.request.url, body)
    if stream and spoken.path == spoken.stream_path:  # Bedrock and Vertex say it in their path
        body = body | {"stream": True}
    return Outgoing(
        endpoint=endpoint,
        api=event.api,
        path=encoded_path(spoken.stream_path if stream else spoken.path, model),
        headers=_headers(event) | _for_simulated(target, reference),
        body=body,
        content=json_bytes(body),
        stream=stream,
        model=model,
    )


def not_replayed(event: Event, *, allow: Collection[str] = (), errors: bool = False) -> str | None:
    """Why an event is not sent to any target; none where it is."""
    reason = _unsendable(event, errors=errors)
    body = _recorded_body(event)
    return refusal(body, allow) if reason is None and body is not None else reason


def _unsendable(event: Event, *, errors: bool) -> str | None:
    if format_of(event.api) is None:
        return f"api {event.api!r} cannot be sent again"
    if not errors and _is_error(event):
        return "recorded error (to send it: --llm-filter status=error)"
    return "the recorded request has no JSON body" if _recorded_body(event) is None else None


def encoded_path(path: str, model: str | None) -> str:
    """A format's path, with the model as one encoded segment where the path holds it.

    Raises:
        ReplayError: The model cannot stand in a path.
    """
    if "{model}" not in path:
        return path
    if not model or not model.strip("."):
        raise ReplayError(f"model {model!r} cannot stand in a URL")
    return path.replace("{model}", quote(model.encode("utf-8", "surrogatepass"), safe=""))


def _is_error(event: Event) -> bool:
    response = event.exchange.response
    return isinstance(response, Failure) or response.status >= ERROR


def _recorded_body(event: Event) -> dict[str, Json] | None:
    body = event.exchange.request.body
    return body.value if isinstance(body, JsonBody) and isinstance(body.value, dict) else None


def _changed(
    spoken: ApiFormat,
    body: dict[str, Json],
    model: str | None,
    layers: tuple[Overrides, ...],
) -> dict[str, Json]:
    if model is not None and "{model}" not in spoken.path:
        body = spoken.with_model(body, model)
    for layer in layers:
        body = layer.apply(body)
    return spoken.asking_for_usage(body) if body.get("stream") is True else body


def _headers(event: Event) -> dict[str, str]:
    recorded = event.exchange.request.headers
    headers = {name: recorded[name] for name in CARRIED if name in recorded}
    for name, value in headers.items():
        if not PLAIN.fullmatch(value):
            raise ReplayError(f"the recorded header {name} is no plain text: {value!r:.60}")
    if event.api == "messages":
        headers.setdefault("anthropic-version", OLDEST_VERSION)
    return headers


def _for_simulated(target: Target, reference: str | None) -> dict[str, str]:
    return {EVENT_HEADER: reference} if target.kind == "simulated" and reference else {}
