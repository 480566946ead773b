"""The match keys of the calls of a test, each made when it is first needed."""

from __future__ import annotations

import json

from pytest_llmreplay.capture.active import refusal
from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.cassette.matching.keys import MatchRules, key_of_raw, key_unredacted
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.errors import ConfigError, RedactionFailed
from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.endpoints.calls import is_llm_body

__all__ = ["CallKeys"]


class CallKeys:
    """Makes the keys of calls, and knows from their bodies which are LLM calls.

    Args:
        rules: What counts when calls are matched.
        redactor: Takes secrets out.
        hosts: Further hosts of LLM calls.
        can_play: Whether any event may be played; if not, nobody needs a key before the test ends.
        can_record: Whether calls may be recorded, so that people are numbered in them.
    """

    def __init__(
        self,
        rules: MatchRules,
        redactor: Redactor,
        hosts: frozenset[str],
        *,
        can_play: bool,
        can_record: bool,
    ) -> None:
        self._rules, self._redactor, self._hosts = rules, redactor, hosts
        self._can_play = can_play
        self._numbers_people = can_record and redactor.numbers_people

    def of(self, request: RawRequest) -> tuple[str, Json]:
        """The key of a call as it is sent, and its body where that is JSON.

        Where nothing can be played, the key is empty, and the body is there only if it decides
        whether this is an LLM call.
        """
        if self._numbers_people:
            self.stored(request)  # numbers them in the order of sending
        if not self._can_play:
            try:
                return "", self._deciding_body(request)
            except (ValueError, RecursionError):
                pass  # no JSON as it stands
        try:
            return key_unredacted(request.method, request.url, request.content, self._rules)
        except ConfigError as problem:
            raise refusal(str(problem)) from problem  # no SDK asks again

    def stored(self, request: RawRequest) -> str:
        """The key of a call as it is written, without secrets."""
        return self._redacted(request, self._rules)

    def inexact(self, request: RawRequest) -> str:
        """The key of a call as it is written, whatever its ids of tool calls and its escapes."""
        return self._redacted(request, self._rules.inexact)

    def is_llm_call(self, request: RawRequest, body: Json) -> bool:
        """Whether a call with this body, none where it is no JSON, is an LLM call."""
        return is_llm_body(request.url, body, hosts=self._hosts)

    def _deciding_body(self, request: RawRequest) -> Json:
        if self.is_llm_call(request, None):
            return None
        body: Json = json.loads(request.content.decode())
        return body

    def _redacted(self, request: RawRequest, rules: MatchRules) -> str:
        try:
            return key_of_raw(request.method, request.url, request.content, rules, self._redactor)
        except (ConfigError, RedactionFailed) as problem:
            raise refusal(str(problem)) from problem  # as above
