"""A recorded request, written in a format that its target speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import Event, Json
from pytest_llmreplay.providers.api import ApiFormat, Dialect, EncodedRequest
from pytest_llmreplay.providers.conversion.convert import convert
from pytest_llmreplay.providers.conversion.losses import gravity_of
from pytest_llmreplay.providers.conversion.policy import LossPolicy
from pytest_llmreplay.providers.registry import format_of
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.targets.target import Target

from .request_head import OLDEST_VERSION

__all__ = ["Writing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Writes a request that was recorded for a target."""

    event: Event
    own: ApiFormat
    """The format that it was recorded in."""
    recorded: dict[str, Json]
    """Its body."""
    target: Target
    model: str | None

    @property
    def url(self) -> str:
        """Where it was sent."""
        return self.event.exchange.request.url

    @property
    def stream(self) -> bool:
        """Whether the request asks for a stream."""
        return self.own.streams(self.url, self.recorded)

    def best(self, apis: Sequence[str], endpoint: Endpoint) -> tuple[str, EncodedRequest | None]:
        """The request in the first of these formats that loses least of what matters."""
        found: list[tuple[str, EncodedRequest | None]] = []
        for api in apis:
            found.append((api, self._in(api, endpoint)))
            if not _grave_losses(found[-1][1]):
                break
        return min(found, key=lambda one: _grave_losses(one[1]))

    def _in(self, api: str, endpoint: Endpoint) -> EncodedRequest | None:
        """The request in a format; none where it cannot be converted."""
        spoken = format_of(api)
        if api == self.event.api or spoken is None:
            return EncodedRequest(body=self.recorded)
        dialect = Dialect(
            provider=endpoint.provider,
            model=self.model or "",
            version=OLDEST_VERSION,
            stream=self.stream,
        )
        return convert(self.event.exchange, self.own, spoken, dialect)

    def taken(
        self, api: str, written: EncodedRequest | None, on_loss: LossPolicy
    ) -> tuple[ApiFormat, dict[str, Json], tuple[str, ...]]:
        """The format, the body in it, and what was lost on the way.

        Raises:
            ReplayError: It cannot be converted, or not without a loss that nobody allowed.
        """
        if written is None:
            raise ReplayError(f"{self.target.name}: {self._way(api)}: cannot be converted")
        if refused := on_loss.refused(written.losses):
            raise ReplayError(self._lost(api, refused))
        return format_of(api) or self.own, written.body, written.losses

    def _way(self, api: str) -> str:
        return f"event {self.event.label}, {self.event.api} to {api}"

    def _lost(self, api: str, codes: tuple[str, ...]) -> str:
        allowed = [code for code in codes if gravity_of(code) != "error"]
        problem = f"{', '.join(codes)} would be lost in conversion ({self._way(api)})"
        if len(allowed) < len(codes):
            return f"{problem}; it goes on with what is stored at its provider, and cannot be sent"
        lines = ", ".join(f"{code}=warn" for code in allowed)
        return f"{problem}; to send it all the same, write in the ini key llm_on_loss: {lines}"


def _grave_losses(written: EncodedRequest | None) -> int:
    codes = () if written is None else written.losses
    return sum(gravity_of(code) in {"fail", "error"} for code in codes)
