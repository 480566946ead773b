"""The model that judges: where it is asked, in which format, and what it costs."""

from __future__ import annotations

from pytest_llmreplay.compare.figures.prices import price
from pytest_llmreplay.errors import ConfigError, ReplayError
from pytest_llmreplay.event import Event, Usage
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.requests.request import prepare
from pytest_llmreplay.replay.requests.spoken import spoken_api
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target

from .question import score_question
from .shapes import as_event

__all__ = ["JudgeTarget"]


class JudgeTarget:
    """A target that is asked for its judgement.

    Args:
        given: The target, as a person named it.
        endpoints: Knows hosts and keys.
    """

    def __init__(self, given: Target, endpoints: Endpoints) -> None:
        self.given, self._endpoints = given, endpoints
        self._provider = given.provider or "openai"

    @property
    def name(self) -> str:
        """Of the judge, as calls and messages have it."""
        return f"judge {self.given.name}"

    @property
    def model(self) -> str:
        """The model that judges."""
        return self.given.model or ""

    @property
    def api(self) -> str:
        """The format in which the judge is asked."""
        return spoken_api(self.given, self._provider, "chat_completions", self.model)

    def check(self) -> Endpoint:
        """Where the calls go, after it was found that they can be made.

        Raises:
            ConfigError: The target is no model, has no key, is not trusted, or cannot be held to
                a schema.
        """
        self.check_without_key()
        endpoint = self._endpoint()
        try:
            self.outgoing(as_event(score_question("", "", ""), self.api))
        except ConfigError:
            raise
        except ReplayError as error:
            raise ConfigError(
                f"{self.name}: cannot be made to answer by a schema ({error}); take a judge that "
                "speaks chat_completions, responses or messages"
            ) from None
        return endpoint

    def check_without_key(self) -> None:
        """Find that the target can judge, as far as that is known without a key.

        Raises:
            ConfigError: It is no model, or nobody knows whose.
        """
        given = self.given
        if given.kind != "live" or given.model is None:
            raise ConfigError(
                f"{self.name}: a judge is a model: write PROVIDER/MODEL, or a target of the "
                "config file that names its model"
            )
        if given.provider is None and given.base_url is None:
            raise ConfigError(f"{self.name}: nobody knows its provider: write PROVIDER/MODEL")

    def price(self, usage: Usage) -> float | None:
        """USD of some tokens; none where nobody knows."""
        if self.given.price is not None:
            return self.given.price.of(usage)
        return price(self.provider, self.model, usage)

    @property
    def provider(self) -> str:
        """Who is paid; without a key that is only what the target says."""
        try:
            return self._endpoint().provider
        except ConfigError:
            return self._provider

    @property
    def is_free(self) -> bool:
        """Whether nobody is paid: a server on this machine, unless a person gave it a price."""
        try:
            return self._endpoint().loopback and self.given.price is None
        except ConfigError:
            return False

    def outgoing(self, event: Event) -> Outgoing:
        """A question as it is sent.

        Raises:
            ReplayError: It cannot be sent to this target.
        """
        return prepare(event, self.given, Overrides(), self._endpoints)

    def _endpoint(self) -> Endpoint:
        try:
            return self._endpoints.of(
                self.given, provider=self._provider, api=self.api, model=self.model
            )
        except ReplayError as error:
            raise ConfigError(f"{self.name}: {error}") from None
