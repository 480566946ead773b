"""From a recorded event to the request that is sent: as recorded, but for what a person changed."""

from __future__ import annotations

from collections.abc import Collection

from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.compare.figures.tokens import recorded_usage
from pytest_llmreplay.event import Event, Json
from pytest_llmreplay.providers.api import ApiFormat
from pytest_llmreplay.providers.conversion.policy import LossPolicy
from pytest_llmreplay.providers.endpoints.cloud_formats import Served, served
from pytest_llmreplay.providers.registry import format_of
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.calls.outgoing import EVENT_HEADER, Outgoing, Recorded
from pytest_llmreplay.replay.calls.result import NotReplayed
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.made_clients import is_of_sdk
from pytest_llmreplay.replay.targets.target import Target
from pytest_llmreplay.replay.unsent.hosted import refusal
from pytest_llmreplay.replay.unsent.unsendable import recorded_body, unsendable

from .request_head import encoded_path, headers_of
from .spoken import spoken_apis
from .writing import Writing

__all__ = ["prepare"]

_LARGE_BODY = "large_body"
"""The word that lets bodies through that are large."""

_LARGE = 1_000_000
"""Bytes; some 250,000 tokens of text."""


def prepare(
    event: Event,
    target: Target,
    overrides: Overrides,
    endpoints: Endpoints,
    *,
    allow: Collection[str] = (),
    reference: str | None = None,
    on_loss: LossPolicy | None = None,
) -> Outgoing:
    """The request that asks a target what a recorded event asked.

    Args:
        event: The recording.
        target: Where it goes.
        overrides: What a person changed.
        endpoints: Knows hosts and keys.
        allow: What `--llm-allow` lets through of what acts with the account, and `unsendable`'s
            words for what else is sent.
        reference: What a simulated server knows the event by.
        on_loss: Which losses of a conversion stop the event.

    Raises:
        NotReplayed: The event is not sent, by decision.
        ReplayError: The target does not speak the event's format, nor one into which the event
            can be converted whole.
        ConfigError: A key is missing, a host is not trusted, or the project does not allow it.
    """
    own, recorded = _sendable(event, allow)
    model = overrides.model or target.model_for(event)
    apis = spoken_apis(target, event.provider, event.api, model or "")
    if event.api not in apis:
        _refuse_account_actions(recorded, target, allow)
    endpoint = endpoints.of(target, provider=event.provider, api=apis[0], model=model)
    writing = Writing(event=event, own=own, recorded=recorded, target=target, model=model)
    api, written = writing.best(apis, endpoint)
    if api != apis[0]:
        endpoint = endpoints.of(target, provider=event.provider, api=api, model=model)
    spoken, body, losses = writing.taken(api, written, on_loss or LossPolicy())
    body = _changed(_with_model(spoken, body, model), event, target, overrides, api)
    body = spoken.asking_for_usage(body) if body.get("stream") is True else body
    if (changed := _model_in(spoken, body)) not in {None, model}:
        model = changed
        endpoints.of(target, provider=event.provider, api=api, model=model)  # whether it may be
    _refuse_account_actions(body, target, allow)
    stream = writing.stream if spoken is not own else own.streams(writing.url, body)
    if stream and spoken.path == spoken.stream_path:  # Bedrock and Vertex say it in their path
        body = body | {"stream": True}
    headers = headers_of(event, recorded, api)
    place: ApiFormat | Served = spoken
    if (at_cloud := _served(endpoint, api)) is not None:
        place, body = at_cloud, at_cloud.body(body, headers)
    content = json_bytes(body)
    if not endpoint.loopback or target.price is not None:
        _refuse_large(content, allow)
    return Outgoing(
        endpoint=endpoint,
        api=api,
        path=encoded_path(place.stream_path if stream else place.path, model),
        headers=headers | _for_simulated(target, reference),
        body=body,
        content=content,
        stream=stream,
        model=model,
        converted=spoken is not own,
        losses=losses,
        price=target.price,
        recorded=Recorded(model=event.model, usage=recorded_usage(event.measured)),
    )


def _sendable(event: Event, allow: Collection[str]) -> tuple[ApiFormat, dict[str, Json]]:
    """The format of an event and its body, if it can be sent at all."""
    own, recorded = format_of(event.api), recorded_body(event)
    reason = unsendable(event, allow)
    if reason is not None or own is None or recorded is None:
        raise NotReplayed(reason or "")
    return own, recorded


def _refuse_large(content: bytes, allow: Collection[str]) -> None:
    """Refuse what may cost more than anybody expects of one call."""
    if len(content) > _LARGE and _LARGE_BODY not in allow:
        raise NotReplayed(
            f"{_LARGE_BODY}: more than 1 MB, which may cost much (to send it: "
            f"--llm-allow {_LARGE_BODY})"
        )


def _refuse_account_actions(body: dict[str, Json], target: Target, allow: Collection[str]) -> None:
    reason = refusal(body, allow) if target.has_account else None
    if reason is not None:
        raise NotReplayed(reason)


def _served(endpoint: Endpoint, api: str) -> Served | None:
    """How a cloud takes the format; a client of an SDK knows it by itself."""
    if endpoint.cloud is None or is_of_sdk(endpoint.client):
        return None
    return served(endpoint.cloud, api, base_url=endpoint.base_url, version=endpoint.api_version)


def _with_model(spoken: ApiFormat, body: dict[str, Json], model: str | None) -> dict[str, Json]:
    in_path = "{model}" in spoken.path
    return body if model is None or in_path else spoken.with_model(body, model)


def _model_in(spoken: ApiFormat, body: dict[str, Json]) -> str | None:
    """The model that a body names, which a user's function may have changed."""
    model = None if "{model}" in spoken.path else body.get("model")
    return model if isinstance(model, str) else None


def _changed(
    body: dict[str, Json], event: Event, target: Target, overrides: Overrides, api: str
) -> dict[str, Json]:
    """With the target's own parameters, its variant, and what was said last, in this order."""
    body = Overrides(set=target.parameters).apply(body)
    if target.variant is not None:
        body = target.variant.changed(event, api, body)
    return overrides.apply(body)


def _for_simulated(target: Target, reference: str | None) -> dict[str, str]:
    return {EVENT_HEADER: reference} if target.kind == "simulated" and reference else {}
