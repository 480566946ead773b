"""From a recorded event to the request that is sent: as recorded, but for what a person changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import Event, Failure, Json, JsonBody, StreamBody, TextBody
from pytest_llmreplay.providers.api import ApiFormat, Dialect
from pytest_llmreplay.providers.cloud_formats import Served, served
from pytest_llmreplay.providers.conversion import LossPolicy, convert
from pytest_llmreplay.providers.losses import gravity_of
from pytest_llmreplay.providers.registry import format_of
from pytest_llmreplay.providers.routes import path_of

from .endpoint import Endpoint
from .endpoints import Endpoints
from .hosted import refusal
from .made_clients import is_of_sdk
from .outgoing import EVENT_HEADER, Outgoing
from .overrides import Overrides
from .result import NotReplayed
from .spoken import spoken_api
from .targets import Target

__all__ = ["encoded_path", "not_replayed", "prepare"]

CARRIED = ("anthropic-version", "anthropic-beta", "openai-beta")
"""Headers of the recording that say how its body is meant; they are sent again."""

OLDEST_VERSION = "2023-06-01"
"""The API version of a request that names none: its body may hold what later ones refuse
(https://platform.claude.com/docs/en/api/migration-2026-10-21)."""

COLLECTION = "/models/"
COLLECTIONS = frozenset({"models", "tunedModels"})
"""Where Google keeps models: https://ai.google.dev/api/all-methods"""

DATED = re.compile(r"\d{4}-\d{2}-\d{2}")
"""An API version under the name that it has everywhere, and not one cloud's own."""

PLAIN = re.compile(r"[\x20-\x7e]{1,1000}")

REDIRECT = 300

TOKEN_COUNT = re.compile(r"/(?:count_tokens|count-tokens|input_tokens|tokenize)/?\Z|:countTokens\Z")
"""Paths that count the tokens of a request and generate nothing."""


def prepare(
    event: Event,
    target: Target,
    overrides: Overrides,
    endpoints: Endpoints,
    *,
    allow: Collection[str] = (),
    errors: bool = False,
    embeddings: bool = False,
    reference: str | None = None,
    on_loss: LossPolicy | None = None,
) -> Outgoing:
    """The request that asks a target what a recorded event asked.

    Args:
        event: The recording.
        target: Where it goes.
        overrides: What a person changed.
        endpoints: Knows hosts and keys.
        allow: What `--llm-allow` lets through of what acts with the account.
        errors: Whether recorded errors are sent too.
        embeddings: Whether calls for embeddings are sent too.
        reference: What a simulated server knows the event by.
        on_loss: Which losses of a conversion stop the event.

    Raises:
        NotReplayed: The event is not sent, by decision.
        ReplayError: The target does not speak the event's format, nor one into which the event
            can be converted whole.
        ConfigError: A key is missing, or a host is not trusted.
    """
    own, recorded = format_of(event.api), _recorded_body(event)
    reason = _unsendable(event, errors=errors, embeddings=embeddings)
    if reason is not None or own is None or recorded is None:
        raise NotReplayed(reason or "")
    model = overrides.model or target.model or event.model
    api = spoken_api(target, event.provider, event.api, model or "")
    if api != event.api and (reason := refusal(recorded, allow)) is not None:
        raise NotReplayed(reason)
    endpoint = endpoints.of(target, provider=event.provider, api=api)
    asked = _Asked(event=event, own=own, recorded=recorded, target=target, model=model)
    spoken, body, losses = asked.by(api, endpoint, on_loss or LossPolicy())
    body = _changed(spoken, body, model, (Overrides(set=target.parameters), overrides))
    reason = refusal(body, allow)
    if reason is not None:
        raise NotReplayed(reason)
    stream = asked.stream if spoken is not own else own.streams(asked.url, body)
    if stream and spoken.path == spoken.stream_path:  # Bedrock and Vertex say it in their path
        body = body | {"stream": True}
    headers = _headers(event, recorded, api)
    place: ApiFormat | Served = spoken
    if (at_cloud := _served(endpoint, api)) is not None:
        place, body = at_cloud, at_cloud.body(body, headers)
    return Outgoing(
        endpoint=endpoint,
        api=api,
        path=encoded_path(place.stream_path if stream else place.path, model),
        headers=headers | _for_simulated(target, reference),
        body=body,
        content=json_bytes(body),
        stream=stream,
        model=model,
        converted=spoken is not own,
        losses=losses,
    )


def _served(endpoint: Endpoint, api: str) -> Served | None:
    """How a cloud takes the format; a client of an SDK knows it by itself."""
    if endpoint.cloud is None or is_of_sdk(endpoint.client):
        return None
    return served(endpoint.cloud, api, base_url=endpoint.base_url, version=endpoint.api_version)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A recorded request on its way to a target."""

    event: Event
    own: ApiFormat
    recorded: dict[str, Json]
    target: Target
    model: str | None

    @property
    def url(self) -> str:
        return self.event.exchange.request.url

    @property
    def stream(self) -> bool:
        return self.own.streams(self.url, self.recorded)

    def by(
        self, api: str, endpoint: Endpoint, on_loss: LossPolicy
    ) -> tuple[ApiFormat, dict[str, Json], tuple[str, ...]]:
        """The format, the body in it, and what was lost on the way."""
        spoken = format_of(api)
        if api == self.event.api or spoken is None:
            return self.own, self.recorded, ()
        dialect = Dialect(
            provider=endpoint.provider,
            model=self.model or "",
            version=OLDEST_VERSION,
            stream=self.stream,
        )
        written = convert(self.event.exchange, self.own, spoken, dialect)
        if written is None:
            raise ReplayError(f"{self.target.name}: {self._way(api)}: cannot be converted")
        if refused := on_loss.refused(written.losses):
            raise ReplayError(self._lost(api, refused))
        return spoken, written.body, written.losses

    def _way(self, api: str) -> str:
        return f"event {self.event.label}, {self.event.api} to {api}"

    def _lost(self, api: str, codes: tuple[str, ...]) -> str:
        allowed = [code for code in codes if gravity_of(code) != "error"]
        problem = f"{', '.join(codes)} would be lost in conversion ({self._way(api)})"
        if len(allowed) < len(codes):
            return f"{problem}; it goes on with what is stored at its provider, and cannot be sent"
        lines = ", ".join(f"{code}=warn" for code in allowed)
        return f"{problem}; to send it all the same, write in the ini key llm_on_loss: {lines}"


def not_replayed(
    event: Event,
    *,
    allow: Collection[str] = (),
    errors: bool = False,
    embeddings: bool = False,
) -> str | None:
    """Why an event is not sent to any target; none where it is."""
    reason = _unsendable(event, errors=errors, embeddings=embeddings)
    body = _recorded_body(event)
    return refusal(body, allow) if reason is None and body is not None else reason


def _unsendable(event: Event, *, errors: bool, embeddings: bool) -> str | None:
    if format_of(event.api) is None:
        return _unspoken(event)
    if event.api == "embeddings" and (reason := _no_answer_in_words(event, wanted=embeddings)):
        return reason
    if not errors and _is_error(event):
        return "recorded error"
    return "the recorded request has no JSON body" if _recorded_body(event) is None else None


def _unspoken(event: Event) -> str:
    if TOKEN_COUNT.search(path_of(event.exchange.request.url)):
        return "token count: no model answers it"
    return f"api {event.api!r} cannot be sent again"


def _no_answer_in_words(event: Event, *, wanted: bool) -> str | None:
    if not wanted:
        return "embeddings"
    body = _recorded_body(event)
    if body is not None and "input" not in body:
        return "embeddings in another shape than OpenAI's cannot be sent again"
    return None


def encoded_path(path: str, model: str | None) -> str:
    """A format's path, with the model as one encoded segment where the path holds it.

    A model may name its collection, as Google's do (`models/…`, `tunedModels/…`): it takes the
    place of that of the path.

    Raises:
        ReplayError: The model cannot stand in a path.
    """
    if "{model}" not in path:
        return path
    collection, _, name = (model or "").rpartition("/")
    if collection in COLLECTIONS and path.startswith(COLLECTION):
        path, model = f"/{collection}/{path.removeprefix(COLLECTION)}", name
    if not model or not model.strip("."):
        raise ReplayError(f"model {model!r} cannot stand in a URL")
    return path.replace("{model}", quote(model.encode("utf-8", "surrogatepass"), safe=""))


def _is_error(event: Event) -> bool:
    """Whether no answer was recorded that another could be compared with."""
    response = event.exchange.response
    if (
        isinstance(response, Failure)
        or response.status >= REDIRECT
        or response.ended in {"cut", "timeout"}
        or isinstance(response.body, TextBody)
    ):
        return True
    return isinstance(response.body, StreamBody) and event.response.error is not None


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


def _headers(event: Event, body: Mapping[str, Json], api: str) -> dict[str, str]:
    recorded = event.exchange.request.headers if api == event.api else {}
    headers = {name: recorded[name] for name in CARRIED if name in recorded}
    if api == event.api == "messages":
        headers = _told_in(body) | headers
    for name, value in headers.items():
        if not PLAIN.fullmatch(value):
            raise ReplayError(f"the recorded header {name} is no plain text: {value!r:.60}")
    if api == "messages":
        headers.setdefault("anthropic-version", OLDEST_VERSION)
    return headers


def _told_in(body: Mapping[str, Json]) -> dict[str, str]:
    """What a body for Bedrock or Vertex says that elsewhere is a header."""
    version, betas = body.get("anthropic_version"), body.get("anthropic_beta")
    told = {}
    if isinstance(version, str) and DATED.fullmatch(version):
        told["anthropic-version"] = version
    if isinstance(betas, list) and betas and all(isinstance(beta, str) for beta in betas):
        told["anthropic-beta"] = ",".join(map(str, betas))
    return told


def _for_simulated(target: Target, reference: str | None) -> dict[str, str]:
    return {EVENT_HEADER: reference} if target.kind == "simulated" and reference else {}
