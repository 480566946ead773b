"""The server: each call is played, recorded while it passes, or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from pytest_llmreplay.capture.routing import let_pass, let_pass_no_more, settled
from pytest_llmreplay.capture.tape import Decision, Playback, RawRequest, Recorder, Settled, Tape
from pytest_llmreplay.loopback import HttpCall, LiveReply, LoopbackServer, Reply
from pytest_llmreplay.playback.stamps.stamp import latest_step
from pytest_llmreplay.providers.endpoints.calls import is_llm_call
from pytest_llmreplay.providers.endpoints.routes import is_kept_answer, route_of
from pytest_llmreplay.replay.calls.endpoint import host_of

from .answers import Shown, played, refused
from .forward import Forward
from .places import Places
from .upstream import Upstream

__all__ = ["CassetteServer"]

_MISSED = 400


class CassetteServer:
    """A loopback server whose calls go to a tape.

    Args:
        tape: Plays, records, or raises the miss of a call, which it also remembers.
        places: Where calls would go.
        hosts: Further hosts of LLM calls.
        keyless: Whether nobody needs a key, though calls go live: the tape has its own.
        port: Where to listen; 0 for a port that the system chooses.
    """

    def __init__(
        self,
        tape: Tape,
        places: Places,
        *,
        hosts: frozenset[str] = frozenset(),
        keyless: bool = False,
        port: int = 0,
    ) -> None:
        self._keyless = keyless
        self._tape, self._places, self._hosts = tape, places, hosts
        self._loopback = LoopbackServer(self._respond, port=port, files=True)

    @property
    def base_url(self) -> str:
        """Base URL for any SDK: the path of a call tells whose it is. Empty until started."""
        return self._loopback.url

    @property
    def env(self) -> dict[str, str]:
        """Variables for a process whose calls shall come here."""
        return self._places.variables(self.base_url, keyless=self._keyless or self._offline)

    def start(self) -> Self:
        """Listen, and keep the capture of this process away from the server.

        Raises:
            OSError: The port cannot be had.
        """
        let_pass(self._loopback.start())
        return self

    def stop(self) -> None:
        """Close the port; calls under way end as left by their callers."""
        let_pass_no_more(self._loopback.url)
        self._loopback.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _offline(self) -> bool:
        return bool(getattr(self._tape, "offline", False))

    def _respond(self, call: HttpCall) -> Reply | LiveReply:
        found = self._places.of(call.path, call.query)
        if found is None:
            return refused(call.path, 404, f"no LLM API is at {call.path}")
        upstream, path = found
        query = f"?{call.query}" if call.query else ""
        url = f"{upstream.origin}{path}{query}"
        if not self._is_llm_call(call.method, url, path):
            return refused(path, 404, self._no_llm_call(call.method, path, upstream))
        request = RawRequest(
            method=call.method,
            url=url,
            headers=call.headers,
            content=call.body,
            library="llm_server",
        )
        return self._routed(upstream, call, request)

    def _is_llm_call(self, method: str, url: str, path: str) -> bool:
        """Whether a call is an LLM call here, or to a host that the environment names."""
        if is_llm_call(method, url, hosts=self._hosts):
            return True
        known = route_of(path) is not None or is_kept_answer(path)
        return known and is_llm_call(method, url, hosts=self._places.hosts)

    def _no_llm_call(self, method: str, path: str, upstream: Upstream) -> str:
        problem, host = f"{method} {path} is no LLM call", host_of(upstream.base_url)
        if host not in self._places.hosts and not upstream.loopback:
            return problem
        return f"{problem}; if all calls to {host} are, write llm_hosts = {host} in the ini file"

    def _routed(self, upstream: Upstream, call: HttpCall, request: RawRequest) -> Reply | LiveReply:
        decision = _decided(self._tape.route, request)
        if isinstance(decision, BaseException):
            return refused(call.path, _MISSED, str(decision))
        if isinstance(decision, Playback):
            return played(decision, call.path, self._shown(upstream))
        return self._live(upstream, call, request, decision)

    def _live(
        self, upstream: Upstream, call: HttpCall, request: RawRequest, recorder: Recorder | None
    ) -> Reply | LiveReply:
        if recorder is None and self._offline:
            return refused(call.path, 404, "the body is none of this API's, and nothing is sent")
        problem = upstream.problem(call.headers, call.query)
        if problem is None:
            return LiveReply(Forward(upstream, request, recorder, self._shown(upstream)))
        if recorder is not None:
            recorder.forget()
        return refused(call.path, *problem)

    def _shown(self, upstream: Upstream) -> Shown:
        return Shown(upstream.origin, f"{self.base_url}/{upstream.provider}")


def _decided(
    route: Callable[[RawRequest], Decision], request: RawRequest
) -> Settled | BaseException:
    """What a tape decides; a miss is raised as what no SDK swallows, nor an `except Exception`."""
    try:
        with latest_step():
            return settled(route(request))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as miss:  # noqa: BLE001  # the tape remembers it, and fails the test
        return miss
