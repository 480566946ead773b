"""The request of a call as it leaves by our own hand: the recording's, with the endpoint's key."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.calls.outgoing import Outgoing

__all__ = ["CONNECT", "KEPT_FOR", "OwnRequests"]

CONNECT = 10.0
"""Seconds to wait for a connection, where an attempt may take longer."""

KEPT_FOR = 5.0
"""Seconds that a connection is kept for the next call; many servers close theirs after five."""

_SAME = {
    "accept": "application/json",
    "accept-encoding": "identity",
    "content-type": "application/json",
    "user-agent": "pytest-llmreplay",
}
_ACCOUNT = {
    "OPENAI_ORG_ID": "openai-organization",
    "OPENAI_PROJECT_ID": "openai-project",
}
"""What OpenAI's own SDK reads of the environment: https://github.com/openai/openai-python"""


class OwnRequests:
    """Makes the requests to one endpoint; none ever leaves for another host.

    Args:
        endpoint: Where calls go, and with which key.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._netloc = urlsplit(endpoint.base_url).netloc
        self._headers = _SAME | dict(_account(endpoint))

    def url(self, outgoing: Outgoing) -> str:
        """Where the request goes.

        Raises:
            RuntimeError: To another host than the endpoint's.
        """
        netloc = urlsplit(outgoing.url).netloc
        if netloc != self._netloc:
            raise RuntimeError(f"a request was about to leave for {netloc!r}")
        return outgoing.url

    def headers(self, outgoing: Outgoing) -> dict[str, str]:
        """What leaves beside the body; the key stands in nothing else."""
        return {**self._headers, **outgoing.headers, **self._endpoint.auth_headers()}


def _account(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    """Whose account is meant, at OpenAI's own address."""
    if endpoint.own_headers:
        for variable, name in _ACCOUNT.items():
            if value := os.environ.get(variable):
                yield name, value
