"""Answers that were accepted for another target, each in a document after its event.

Playback ignores them; a replay against that target compares with them instead of the recording.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field, replace
from functools import cached_property

from pytest_llmreplay.cassette.side_files.extractor import INLINE, MediaExtractor
from pytest_llmreplay.cassette.yaml_text.emitter import scalar
from pytest_llmreplay.cassette.yaml_text.fields import Fields, WrongField
from pytest_llmreplay.event import (
    Event,
    Exchange,
    Failure,
    HttpRequest,
    HttpResponse,
    Measured,
    Response,
)
from pytest_llmreplay.providers.registry import decoder_of, unknown_format
from pytest_llmreplay.providers.tools.custom_tools import called_back, custom_names

from .answer import check_answer
from .sections import Place, Sections, placed
from .wire import measured_of, response_of

__all__ = ["Accepted", "AcceptedDocument", "accepted_text"]

_HEAD = frozenset(["accepted", "target", "key", "request", "provider", "api", "model"])
_ACCEPTED = _HEAD | {"answer", "response", "measured"}
_NO_REQUEST = HttpRequest(method="POST", url="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An answer of another target that is as good as the recorded one."""

    number: int
    """Number of the event that it answers."""
    target: str
    """As `--llm-model` names it: `openai/gpt-5-mini`."""
    key: str
    """Match key of the event when it was accepted; the number alone joins nothing."""
    request: str | None = None
    """Digest of the request as it was sent to the target."""
    provider: str
    api: str
    model: str | None
    response: HttpResponse | Failure
    measured: Measured = field(default_factory=Measured)

    def baseline(self, event: Event) -> Event:
        """The event as this target answered it."""
        baseline = replace(
            event,
            provider=self.provider,
            api=self.api,
            model=self.model,
            exchange=Exchange(request=event.exchange.request, response=self.response),
            decoder=decoder_of(self.api),
            measured=self.measured,
        )
        if self.api != event.api and (custom := custom_names(event.request)):
            return baseline.decoded_as(called_back(baseline.response, custom))
        return baseline


def accepted_text(accepted: Accepted, extractor: MediaExtractor = INLINE) -> str:
    """The document of an accepted answer, from its `---` to its `...`."""
    from .layout import END, outcome_text  # noqa: PLC0415 - readers need nothing that writes

    lines: list[tuple[str, str | None]] = [
        ("accepted", str(accepted.number)),
        ("target", scalar(accepted.target)),
        ("key", scalar(accepted.key)),
        ("request", None if accepted.request is None else scalar(accepted.request)),
        ("provider", scalar(accepted.provider)),
        ("api", scalar(accepted.api)),
        ("model", None if accepted.model is None else scalar(accepted.model)),
    ]
    head = "".join([f"{key}: {text}\n" for key, text in lines if text is not None])
    decoded = _decoded(accepted.response, accepted.api)
    outcome = outcome_text(accepted.response, decoded, accepted.measured, extractor=extractor)
    return f"--- # accepted {accepted.number} {accepted.target}\n{head}{outcome}{END}"


@dataclass(frozen=True, kw_only=True)
class AcceptedDocument:
    """The document of an accepted answer, parsed when it is asked for."""

    number: int
    """Number of the event that it answers."""
    text: str = field(repr=False)
    """The document as it stands in the file, with plain line feeds."""
    place: Place = field(default_factory=Place, repr=False, compare=False)

    @cached_property
    def sections(self) -> Sections:
        """The values of the document by key."""
        return Sections(self.text, _ACCEPTED, self.place)

    @cached_property
    @placed
    def target(self) -> str:
        """The target that answered."""
        return Fields(self.sections.of(_HEAD), (), _HEAD).text("target")

    @cached_property
    @placed
    def accepted(self) -> Accepted:
        """The answer, after `answer` was found to tell the same."""
        fields = Fields(self.sections.of(_HEAD), (), _HEAD)
        response = response_of(self.sections.whole("response"))
        api = fields.text("api")
        if "answer" in self.sections:
            decoded = _decoded(response, api)
            check_answer(self.sections["answer"], decoded, number=self.number)
        return Accepted(
            number=fields.integer("accepted"),
            target=fields.text("target"),
            key=fields.text("key"),
            request=fields.text_or_none("request"),
            provider=fields.text("provider"),
            api=api,
            model=fields.text_or_none("model"),
            response=response,
            measured=measured_of(self.sections.get("measured", {})),
        )

    def check(self, events: Container[int]) -> None:
        """Read everything with the reader that decides; raises CassetteDamaged.

        Args:
            events: Numbers of the events of the cassette.
        """
        self.sections.read_whole()
        accepted = self.accepted
        if accepted.number not in events:
            wrong = WrongField(("accepted",), f"the cassette has no event {accepted.number}")
            raise self.sections.damaged(wrong)
        if (unknown := unknown_format(accepted.api)) is not None:
            raise self.sections.damaged(WrongField(("api",), unknown))


def _decoded(response: HttpResponse | Failure, api: str) -> Response:
    return decoder_of(api).response(Exchange(request=_NO_REQUEST, response=response))
