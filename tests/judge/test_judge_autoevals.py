"""Scorers of autoevals, the real library: they ask the judge's target, and nobody else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from compared_events import make_event as event
from servers.exchange import Exchange
from servers.provider_server import Behaviour, ProviderServer, says

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.event import Event, Message, TextPart
from pytest_llmreplay.judge.asking.calls import Asking
from pytest_llmreplay.judge.decides import judge_settings
from pytest_llmreplay.judge.given import given_judge
from pytest_llmreplay.judge.own.workers import Workers
from pytest_llmreplay.judge.scorers import is_scorer, scorer_of
from pytest_llmreplay.judge.settings import JudgeSettings
from pytest_llmreplay.replay.calls.retry import RetryRules
from pytest_llmreplay.replay.calls.trust import BaseUrl
from pytest_llmreplay.replay.sending.engine import Engine
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target

autoevals: Any = pytest.importorskip("autoevals", reason="the extra 'autoevals' is not installed")

MakeAsking = Callable[[Behaviour], tuple[Asking, ProviderServer]]


def chooses(by: Callable[[str], str]) -> Behaviour:
    """A model that makes the choice a scorer asks for, by what it reads."""

    def behave(exchange: Exchange) -> Any:
        body = exchange.seen.json
        name = body["tools"][0].get("function", body["tools"][0])["name"]
        answer = json.dumps(body["messages"]).partition("[Submission]")[2]
        return says(calls=[(name, {"reasons": "By the facts.", "choice": by(answer)})])(exchange)

    return behave


@pytest.fixture
def make_asking(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeAsking]:
    """The calls of a judge at a model that behaves so; keys that must not leave are about."""
    for variable in ("OPENAI_API_KEY", "BRAINTRUST_API_KEY"):
        monkeypatch.setenv(variable, "sk-must-not-leave")
    for variable in ("OPENAI_BASE_URL", "BRAINTRUST_AI_GATEWAY_URL"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9/elsewhere")
    with Engine(rules=RetryRules(retries=0), timeout=20) as engine:
        engine.start((), arrived=lambda _: None)
        servers: list[ProviderServer] = []

        def make(behaviour: Behaviour, provider: str = "openai") -> tuple[Asking, ProviderServer]:
            servers.append(server := ProviderServer(behaviour))
            server.__enter__()
            url = BaseUrl(url=server.openai, source="command line", place="the test")
            target = Target(
                name="grader", kind="live", provider=provider, model="judge-1", base_url=url
            )
            return Asking(target, engine=engine, endpoints=Endpoints({})), server

        yield make
        for server in servers:
            server.__exit__(None, None, None)


def answered(text: str) -> Event:
    """A call that was answered so."""
    asks = Message(role="user", parts=(TextPart(content="Capital of France?"),))
    return event(text, request={"messages": (asks,)})


def judged(given: Any, asking: Asking | None, **settings: Any) -> Any:
    """What a scorer makes of a wrong answer."""
    judge = given_judge(given, JudgeSettings(**settings), asking, timeout=20, workers=Workers(4))
    return judge.scores(answered("It is Paris."), answered("It is Lyon."))


def right(answer: str) -> str:
    """Factuality's letters: C agrees with the expert, D contradicts."""
    return "C" if "Paris" in answer else "D"


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_scorer_asks_the_judges_target(make_asking: Any, provider: str) -> None:
    """With its model, in its format, with its key, and with no other."""
    asking, server = make_asking(chooses(right), provider)
    scores = judged(autoevals.Factuality, asking)
    assert (1.0, 0.0) == (scores["baseline"].value, scores["replayed"].value)
    assert "By the facts." == scores["replayed"].explanation
    assert 3 == len(server.seen) == asking.settled().calls
    assert {"judge-1"} == {seen.json["model"] for seen in server.seen}
    assert not any("must-not-leave" in str(seen.headers) for seen in server.seen)
    path = "/v1/messages" if provider == "anthropic" else "/v1/chat/completions"
    assert {path} == {seen.path for seen in server.seen}


def test_a_scorer_with_settings_of_its_own_asks_it_too(make_asking: MakeAsking) -> None:
    """Whatever client it was made with."""
    asking, server = make_asking(chooses(lambda _: "no"))
    scorer = autoevals.LLMClassifier(
        name="polite",
        prompt_template="Is it polite? [Submission] {{output}}",
        choice_scores={"yes": 1, "no": 0},
        use_cot=True,
    )
    assert 0.0 == judged(scorer, asking)["replayed"].value
    assert 3 == len(server.seen)


class Polite(autoevals.Scorer):  # type: ignore[misc]  # the library need not be installed
    """A scorer of a user's, which makes another one when it is asked."""

    def _run_eval_sync(self, output: str, expected: str | None = None, **_: Any) -> Any:
        return autoevals.Factuality().eval(output, expected, input="Capital of France?")


def in_parts() -> list[Any]:
    """Scorers that have others do their work."""
    return [
        autoevals.AnswerCorrectness,
        autoevals.JSONDiff(string_scorer=autoevals.EmbeddingSimilarity()),
        autoevals.JSONDiff(string_scorer=autoevals.Factuality()),
        Polite(),
    ]


@pytest.mark.parametrize("at", range(4))
def test_nor_do_the_parts_of_a_scorer_ask_anybody_else(
    make_asking: MakeAsking, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Left alone, each would take a key of the environment to a gateway of its maker."""
    asking, server = make_asking(chooses(right))
    with ProviderServer() as gateway:
        monkeypatch.setenv("OPENAI_BASE_URL", gateway.openai)
        judged(in_parts()[at], asking)
        assert [] == gateway.seen
    assert {"judge-1"} >= {seen.json["model"] for seen in server.seen}


@pytest.mark.parametrize("at", [1, 2])
def test_a_part_of_a_scorer_that_asks_a_model_needs_one(at: int) -> None:
    """As a scorer that asks by itself."""
    with pytest.raises(ConfigError, match="JSONDiff: asks a model: name it with --llm-judge"):
        scorer_of(in_parts()[at], None)


def test_a_scorer_that_asks_a_model_unforeseen_is_not_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing leaves where no judge is named."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-must-not-leave")
    with ProviderServer() as gateway:
        monkeypatch.setenv("OPENAI_BASE_URL", gateway.openai)
        score = judged(Polite(), None)["replayed"]
        assert [] == gateway.seen
    assert score.value is None
    assert "ConfigError: asks a model: name it with --llm-judge" in score.problem


def digest_of(given: Any) -> str:
    """What the scores of a scorer depend on, but for how often it is asked."""
    told = judge_settings(given, None, JudgeSettings(), prompt=None, over_run=False)
    return told["judge"]


def polite(question: str) -> Any:
    """A scorer with a template of a user's."""
    return autoevals.LLMClassifier(
        name="polite", prompt_template=question, choice_scores={"yes": 1, "no": 0}
    )


def test_the_scores_of_another_scorer_are_not_taken_for_its_own(make_asking: MakeAsking) -> None:
    """Of one that differs only inside of a part; it is the same one after it was asked."""
    scorers = [
        polite("Is it polite? {{output}}"),
        polite("Is it kind? {{output}}"),
        *(autoevals.JSONDiff(string_scorer=polite(word)) for word in ("Polite?", "Kind?")),
    ]
    digests = list(map(digest_of, scorers))
    assert 4 == len(set(digests))
    asking, _ = make_asking(chooses(right))
    for scorer in scorers:
        judged(scorer, asking)
    assert digests == list(map(digest_of, scorers))


def prefers_paris(exchange: Exchange) -> Any:
    """Battle's question: whether the first response is better than the second."""
    words = exchange.seen.json["messages"][0]["content"]
    first, second = re.findall(r"\[Response \d\]\n *(.*)", words)
    good = [word in first and word not in second for word in ("Paris", "Mercury")]
    name = exchange.seen.json["tools"][0]["function"]["name"]
    choice = {"reasons": "By the facts.", "choice": "Yes" if any(good) else "No"}
    return says(calls=[(name, choice)])(exchange)


def test_a_scorer_that_compares_names_the_better_answer(make_asking: MakeAsking) -> None:
    """In both orders; it gets to read what was asked, as its template calls it."""
    asking, server = make_asking(prefers_paris)
    scores = judged(autoevals.Battle, asking, pairwise=True)
    assert (0.0, 0.5) == (scores["replayed"].value, scores["baseline"].value)
    assert "Capital of France?" in server.seen[-1].json["messages"][0]["content"]
    assert 2 + 2 == len(server.seen)


def test_a_scorer_that_compares_nothing_is_not_taken_for_one_that_does(
    make_asking: MakeAsking,
) -> None:
    """In both orders it says the same, which would be a tie for every answer."""
    asking, _ = make_asking(chooses(lambda _: "D"))
    score = judged(autoevals.Factuality, asking, pairwise=True)["replayed"]
    assert score.value is None
    assert "prefers neither a right answer nor a useless one" in score.problem
    with pytest.raises(ConfigError, match="Levenshtein: does not say which of two answers is bet"):
        judged(autoevals.Levenshtein, None, pairwise=True)


def test_an_obedient_model_is_found_out(make_asking: MakeAsking) -> None:
    """The trial is held for scorers that ask a model, too."""
    asking, _ = make_asking(chooses(lambda answer: "D" if "Paris" in answer else "C"))
    scores = judged(autoevals.Factuality, asking)
    assert "obeys what answers order it to do" in scores["replayed"].problem


def test_a_scorer_that_was_asked_nothing_had_no_trial(make_asking: MakeAsking) -> None:
    """Whoever wants to know at the end of the run whether it can be trusted does not wait."""
    asking, server = make_asking(chooses(right))
    workers = Workers(1)
    judge = given_judge(autoevals.Factuality, JudgeSettings(), asking, timeout=60, workers=workers)
    workers.stop()
    assert judge.distrusted is None
    assert [] == server.seen


def test_a_model_that_makes_no_choice_is_not_measured(make_asking: MakeAsking) -> None:
    """It says why."""
    asking, _ = make_asking(says("I would rather not."))
    score = judged(autoevals.Factuality, asking)["replayed"]
    assert score.value is None
    assert "autoevals.Factuality" in score.problem


def test_a_scorer_that_asks_no_model_needs_none(make_asking: MakeAsking) -> None:
    """Its score is arithmetic."""
    assert judged(autoevals.Levenshtein, None)["replayed"].value == pytest.approx(0.583, abs=0.1)


def test_a_scorer_that_asks_a_model_needs_one() -> None:
    """Else it would send a key to a gateway of its maker."""
    with pytest.raises(ConfigError, match="asks a model: name it with --llm-judge"):
        scorer_of(autoevals.Factuality, None)


@pytest.mark.parametrize("kind", ["LLMClassifier", "SpecFileClassifier"])
def test_a_class_that_cannot_be_made_without_settings_is_told(kind: str) -> None:
    """As which the user would see it, before the first call."""
    with pytest.raises(ConfigError, match=f"autoevals.{kind}: give the scorer itself, not its c"):
        scorer_of(getattr(autoevals, kind), None)


def test_only_scorers_of_autoevals_are_taken_for_such() -> None:
    """A function of a user's own is none."""
    assert is_scorer(autoevals.Factuality)
    assert is_scorer(autoevals.Levenshtein())
    assert not is_scorer(right)
    assert not is_scorer(dict)
