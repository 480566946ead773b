"""Scorers of autoevals, which ask their model through the judge's own calls.

Left alone, autoevals sends the key of OpenAI to a gateway of its maker
(https://github.com/braintrustdata/autoevals/blob/main/py/autoevals/oai.py). A scorer therefore
always gets a client, whose calls are made by the engine: to the judge's target, with its key. So
do the scorers that it is made of, and those that it makes when it is asked.
"""

from __future__ import annotations

import importlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextvars import copy_context
from copy import copy
from dataclasses import dataclass
from threading import Lock
from typing import Any

from pytest_llmreplay.errors import ConfigError, LlmReplayError
from pytest_llmreplay.event import Json, Response
from pytest_llmreplay.judge.asking.calls import Asking
from pytest_llmreplay.judge.asking.shapes import event_of
from pytest_llmreplay.providers.registry import FORMATS

__all__ = ["Scorer", "is_scorer", "parts_of", "scorer_of"]

_CHAT = "chat_completions"
_NO_JUDGE = "asks a model: name it with --llm-judge, or as judge.target"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """A scorer as a function of ours."""

    name: str
    function: Callable[[str, str, str], Any]
    asks: bool
    """Whether it asks a model."""


def is_scorer(given: object) -> bool:
    """Whether something is a scorer of autoevals, or the class of one."""
    kind = given if isinstance(given, type) else type(given)
    return any(base.__module__.partition(".")[0] == "autoevals" for base in kind.__mro__)


def scorer_of(given: Any, asking: Asking | None) -> Scorer:
    """A scorer that asks the judge's target, if it asks any model.

    Raises:
        ConfigError: It asks a model, and none is named; or it cannot be made.
    """
    name = f"autoevals.{given.__name__ if isinstance(given, type) else type(given).__name__}"
    try:
        scorer = given() if isinstance(given, type) else given
    except Exception as error:  # noqa: BLE001 - of another library's code
        raise ConfigError(f"{name}: give the scorer itself, not its class: {error}") from None
    asks = any(hasattr(part, "client") for part in parts_of(scorer))
    if asks and asking is None:
        raise ConfigError(f"{name}: {_NO_JUDGE}")
    client = _client(asking)
    ours = _with_client(scorer, client, "" if asking is None else asking.target.model)
    init = importlib.import_module("autoevals.oai").init

    def score(question: str, answer: str, baseline: str) -> tuple[object, str]:
        init(client)  # in a context of this call, for the scorers that are made in it
        # The template of one scorer calls it so, that of another so.
        found = ours.eval(answer, baseline, input=question, instructions=question)
        rationale = (found.metadata or {}).get("rationale")
        return found.score, rationale if isinstance(rationale, str) else ""

    def apart(question: str, answer: str, baseline: str) -> tuple[object, str]:
        return copy_context().run(score, question, answer, baseline)

    return Scorer(name=name, function=apart, asks=asks)


def parts_of(given: Any) -> Iterator[Any]:
    """A scorer, or the class of one, and the scorers that it is made of."""
    yield given
    for part in _named_parts(given).values():
        yield from parts_of(part)


def _named_parts(given: Any) -> dict[str, Any]:
    inside = {} if isinstance(given, type) else vars(given)
    return {
        name: part
        for name, part in inside.items()
        if is_scorer(part) and not isinstance(part, type)
    }


def _with_client(scorer: Any, client: Any, model: str) -> Any:
    """A copy whose parts, too, ask by a client; the user's own stays what it is."""
    ours = copy(scorer)
    for name, part in _named_parts(scorer).items():
        setattr(ours, name, _with_client(part, client, model))
    if hasattr(ours, "client"):
        ours.client, ours.model = client, model
    return ours


def _client(asking: Asking | None) -> Any:
    """A client of autoevals whose calls are made by the engine; it refuses them without a judge."""
    base = importlib.import_module("autoevals.oai").LLMClient
    ours = type("EngineClient", (base,), {"__post_init__": lambda _: None})
    return ours(
        openai=None,
        complete=_no_judge if asking is None else _Completing(asking),
        embed=_refuse,
        moderation=_refuse,
        RateLimitError=_Never,
    )


class _Never(Exception):
    """Is never raised: the engine waits by itself where it is throttled."""


def _no_judge(**_: object) -> None:
    raise ConfigError(_NO_JUDGE)


def _refuse(**_: object) -> None:
    raise ConfigError("this scorer needs more than chat completions, which a judge does not give")


class _Completing:
    """Stands where a client's `chat.completions.create` would."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._asked: Counter[str] = Counter()
        self._lock = Lock()

    def __call__(self, **body: Json) -> Json:
        """The answer of the judge's target to a chat completion, as OpenAI would give it.

        Raises:
            LlmReplayError: There is none.
        """
        text = json.dumps(body)
        with self._lock:
            sample = self._asked[text]
            self._asked[text] += 1
        found = self._asking.ask(event_of(_CHAT, json.loads(text)), sample, _as_is).wait()
        if isinstance(found, LlmReplayError):
            raise found
        return FORMATS[_CHAT].encode_response(found)


def _as_is(response: Response) -> Response:
    return response
