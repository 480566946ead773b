"""The simulated model server: real HTTP, real wire formats, no model."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Self

from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import Event, Json
from pytest_llmreplay.loopback.connection import HttpCall
from pytest_llmreplay.loopback.reply import Reply
from pytest_llmreplay.loopback.server import LoopbackServer
from pytest_llmreplay.providers.api import ApiFormat
from pytest_llmreplay.providers.endpoints.routes import route_of
from pytest_llmreplay.providers.registry import FORMATS
from pytest_llmreplay.replay.calls.outgoing import EVENT_HEADER

from .faults import FAULTS, fault_named
from .script import Script, last_turn
from .scripted import ScriptedTake, neutral_request
from .take import Call, RecordedTake, Take

__all__ = ["EVENT_HEADER", "SimulatedServer"]

_VERSIONED = ("/v1/", "/v2/", "/api/")
_INTERACTIONS = "interactions"
"""As for the formats whose paths hold the model, clients put any version before the path."""


class SimulatedServer:
    """A model server on a loopback port, deterministic by seed.

    Args:
        name: How the model behaves: a key of `FAULTS`.
        seed: Seed of everything that looks like chance.
        recorded: Finds the event that a client names with the header `x-llmreplay-event`.
        script: Answers for requests that name no event.

    Raises:
        UnknownTarget: No simulated model has this name.
    """

    def __init__(
        self,
        name: str,
        *,
        seed: int = 0,
        recorded: Callable[[str], Event | None] | None = None,
        script: Script | None = None,
    ) -> None:
        self.name = name
        self._fault = fault_named(name)
        self._seed, self._recorded, self._script = seed, recorded, script
        self._routes = {_route(api): api for api in FORMATS.values()}
        self._attempts: Counter[str] = Counter()
        self._loopback = LoopbackServer(self._respond)

    @property
    def url(self) -> str:
        """Address without `/v1`; empty until started."""
        return self._loopback.url

    @property
    def base_urls(self) -> Mapping[str, str]:
        """What a client takes as base URL, by the name of the API format; empty until started."""
        url = self._loopback.url
        return {api.name: url + route.removesuffix(api.path) for route, api in self._routes.items()}

    @property
    def calls(self) -> int:
        """How many calls were answered, repeated attempts included."""
        return self._attempts.total()

    def start(self) -> Mapping[str, str]:
        """Listen, and give the base URLs by API format."""
        self._loopback.start()
        return self.base_urls

    def stop(self) -> None:
        """Close the port and all connections; a second call does nothing."""
        self._loopback.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _respond(self, http: HttpCall) -> Reply:
        if http.method == "GET":
            return _models(http)
        api = self._routes.get(http.path) or _below_version(http.path)
        if api is None:
            served = ", ".join(self._routes)
            return Reply.plain(
                _error(f"No API is at {http.path}; served are {served}."), status=404
            )
        try:
            body: Json = json.loads(http.body)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            return _wrong(api, "The body is no JSON object.")
        return self._played(api, http, body)

    def _played(self, api: ApiFormat, http: HttpCall, body: dict[str, Json]) -> Reply:
        reference = http.headers.get(EVENT_HEADER)
        who = reference or hashlib.blake2b(http.body, digest_size=16).hexdigest()
        self._attempts[who] += 1
        call = Call(api=api, path=http.path, body=body, attempt=self._attempts[who])
        take = self._recorded_take(call, reference) if reference else self._scripted_take(call)
        return self._fault(take) if isinstance(take, Take) else _wrong(api, take)

    def _recorded_take(self, call: Call, reference: str) -> Take | str:
        try:
            event = self._recorded(reference) if self._recorded else None
        except CassetteError as damage:
            return str(damage)
        if event is None:
            return f"This server has no recording of the event {reference!r}."
        return RecordedTake(call, event, seed=self._seed)

    def _scripted_take(self, call: Call) -> Take | str:
        if self._script is None:
            return f"The request names no recorded event (header {EVENT_HEADER})."
        request = neutral_request(call)
        line = self._script.line_for(request)
        if line is None:
            words, results = last_turn(request)
            return f"The script has no line for {(results or (words,))[0]!r}."
        return ScriptedTake(call, request, line=line, script=self._script, seed=self._seed)


def _route(api: ApiFormat) -> str:
    """Where a format is served; OpenAI's base URLs end in `/v1`, others name it in their paths."""
    return api.path if api.path.startswith(_VERSIONED) else f"/v1{api.path}"


def _below_version(path: str) -> ApiFormat | None:
    """The format whose clients put a version before the path, or a project."""
    route = route_of(path)
    api = FORMATS.get(route.api) if route else None
    served = api is not None and ("{model}" in api.path or api.name == _INTERACTIONS)
    return api if served else None


def _wrong(api: ApiFormat, problem: str) -> Reply:
    return Reply.plain(api.encode_error(400, "invalid_request_error", problem), status=400)


def _error(problem: str) -> Json:
    return {"error": {"type": "not_found_error", "message": problem}}


def _models(http: HttpCall) -> Reply:
    """The list of simulated models, in a shape that both SDKs read."""
    if http.path != "/v1/models":
        return Reply.plain(_error("GET is answered at /v1/models only."), status=404)
    data: list[Json] = [_model(name) for name in FAULTS]
    return Reply.plain({"object": "list", "data": data, "has_more": False})


def _model(name: str) -> Json:
    return {
        "id": f"simulated/{name}",
        "object": "model",
        "type": "model",
        "display_name": name,
        "created": 0,
        "created_at": "1970-01-01T00:00:00Z",
        "owned_by": "pytest-llmreplay",
    }
