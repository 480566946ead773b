"""One attempt of one call, in the thread that waits for it: no loop, no hop, no queue.

A client that waits anyway gets its answer sooner this way than from a loop in another thread, and
the pieces of a stream when it asks for them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from time import perf_counter

from urllib3 import BaseHTTPResponse, Timeout

from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, Reply

from .attempt import AT_ONCE, Attempt
from .bounds import Limits
from .own_pool import OwnPool
from .own_request import CONNECT, OwnRequests

__all__ = ["BlockingClient", "OpenReply"]

_PIECE = 65_536
"""Bytes that are read at one go, where as many are there."""


class BlockingClient:
    """An HTTP client of one endpoint; any thread may use it.

    Args:
        endpoint: Where calls go, and with which key; without a client of the user's.
        concurrency: Connections at most.
        timeout: Seconds that one attempt may take; a server that sends byte after byte is stopped
            at the first byte after them.
        limits: How much a server may answer.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        concurrency: int,
        timeout: float,
        limits: Limits,
    ) -> None:
        self._endpoint, self._timeout, self._limits = endpoint, timeout, limits
        self._connections = concurrency + 8
        self._answered = False
        self._pool = OwnPool(endpoint, connections=self._connections)
        self._requests = OwnRequests(endpoint)

    def ask(self, outgoing: Outgoing, *, target: str, patience: float | None = None) -> OpenReply:
        """Send a request once; the answer has begun.

        As with `Client.attempt`, a kept connection that the server has closed is not a failure.

        Args:
            outgoing: The request.
            target: Name of the target, for messages.
            patience: Seconds to wait for more of the answer, where that is less than the timeout.

        Raises:
            CallFailed: No answer came, or one that points elsewhere.
        """
        for place in range(self._connections):
            try:
                kept = self._answered and place == 0
                return self._opened(outgoing, target, patience, kept=kept)
            except CallFailed as failure:
                if failure.kind != "stale":
                    raise
        return self._opened(outgoing, target, patience, kept=False)

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def _opened(
        self, outgoing: Outgoing, target: str, patience: float | None, *, kept: bool
    ) -> OpenReply:
        attempt = Attempt(
            outgoing=outgoing,
            endpoint=self._endpoint,
            target=target,
            timeout=self._timeout,
            limits=self._limits,
            patience=patience,
        )
        url, headers = self._requests.url(outgoing), self._requests.headers(outgoing)
        limits = Timeout(connect=min(self._timeout, CONNECT), read=attempt.silence)
        reply = OpenReply(attempt)
        try:
            reply.begin(self._pool.post(url, headers, outgoing.content, limits))
        except Exception as error:  # noqa: BLE001 - whatever the library raises is a failed call
            problem = error
        else:
            self._answered = True
            return reply
        # Outside of `except`: a chained exception would carry the request's headers along.
        reply.close()
        raise reply.failure(problem, kept=kept and reply.took < AT_ONCE)


class OpenReply:
    """An answer that is being read.

    Args:
        attempt: The call, which is sent now.
    """

    def __init__(self, attempt: Attempt) -> None:
        attempt.sent()
        self._attempt = attempt
        self._response: BaseHTTPResponse | None = None

    @property
    def took(self) -> float:
        """Seconds since the request was sent."""
        return perf_counter() - self._attempt.started

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        status = self._attempt.status
        assert status is not None  # the answer has begun
        return status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the answer, their names in lower case."""
        return self._attempt.headers

    def begin(self, response: BaseHTTPResponse) -> None:
        """The head of the answer is here.

        Raises:
            RuntimeError: It points elsewhere.
            AnswerRefused: It is packed in a way that nobody asked for.
        """
        self._response = response
        self._attempt.begin(response.status, response.headers)

    def read(self) -> bytes | None:
        """The next piece, decompressed; none after the last.

        Raises:
            CallFailed: The answer broke off, takes too long, or passes a limit.
        """
        meter, response = self._attempt.meter, self._response
        assert meter is not None  # the answer has begun
        assert response is not None  # as above
        try:
            data = response.read1(_PIECE)
            if self.took > self._attempt.timeout:
                raise TimeoutError  # noqa: TRY301 - told like the library's own
            if data:
                return meter.take(data)
        except Exception as error:  # noqa: BLE001 - as above
            problem = error
        else:
            self.close()
            return None
        self.close()
        raise self.failure(problem)

    def reply(self) -> Reply:
        """The reply, with all that came."""
        return self._attempt.reply(perf_counter())

    def failure(self, problem: Exception, *, kept: bool = False) -> CallFailed:
        """What a problem is in our words."""
        return self._attempt.failure(problem, kept=kept)

    def close(self) -> None:
        """Let the connection go; it is kept for the next call where the answer was whole."""
        if self._response is not None:
            with contextlib.suppress(Exception):
                self._response.close()
