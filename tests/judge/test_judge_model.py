"""A model that judges: how it is asked, what its answers amount to, what is kept of them."""

from __future__ import annotations

from typing import Any

import pytest
from compared_events import make_event as event
from judges import Asked, MakeJudge, sound
from servers.provider_server import Behaviour, fails, says

from pytest_llmreplay.event import Event, Message, TextPart
from pytest_llmreplay.replay.calls.call import Call
from pytest_llmreplay.replay.calls.result import CallFailed, Reply

GOOD, BAD = "It is Paris.", "It is Lyon."


def answered(text: str, **fields: Any) -> Event:
    """A call that was answered so."""
    asks = Message(role="user", parts=(TextPart(content="Capital of France?"),))
    return event(text, request={"messages": (asks,)}, **fields)


def values(scores: Any) -> dict[str, float | None]:
    """The figures alone."""
    return {side: score.value for side, score in scores.items()}


@pytest.mark.parametrize(
    ("provider", "api", "path"),
    [
        ("openai", None, "/v1/chat/completions"),
        ("openai", "responses", "/v1/responses"),
        ("anthropic", None, "/v1/messages"),
        ("mistral", None, "/v1/chat/completions"),
    ],
)
def test_the_answer_is_held_to_a_schema_in_every_format(
    make_judge: MakeJudge, provider: str, api: str | None, path: str
) -> None:
    """A schema for the answer, or a tool that has to be called."""
    judge, server = make_judge(sound, provider=provider, api=api)
    scores = judge.scores(answered(GOOD), answered(BAD))
    assert {"baseline": 0.9, "replayed": 0.2} == values(scores)
    assert {"Right.", "Wrong city."} == {score.explanation for score in scores.values()}
    assert {path} == {seen.path for seen in server.seen}
    body = server.seen[0].json
    schema = {
        "/v1/chat/completions": lambda: body["response_format"]["json_schema"]["schema"],
        "/v1/responses": lambda: body["text"]["format"]["schema"],
        "/v1/messages": lambda: body["tools"][0]["input_schema"],
    }[path]()
    assert ["explanation", "score"] == schema["required"]
    if path == "/v1/messages":
        assert {"type": "tool", "name": "give_score"} == body["tool_choice"]


def test_each_question_is_asked_as_often_as_samples_are_wanted(make_judge: MakeJudge) -> None:
    """The median of three is the score: one nonsense answer does not move it."""
    given = iter([0.1] * 3 + [0.9, 0.4, 0.8])

    def thinks(_: Asked) -> dict[str, Any]:
        return {"explanation": "", "score": next(given)}

    judge, server = make_judge(thinks, samples=3)
    same = answered(GOOD)
    assert {"baseline": 0.8, "replayed": 0.8} == values(judge.scores(same, same))
    assert 6 == len(server.seen)


@pytest.mark.parametrize(
    ("prefers", "value"),
    [("Paris", 1.0), ("Lyon", 0.0), ("nothing", 0.5)],
)
def test_a_pair_is_compared_in_both_orders(
    make_judge: MakeJudge, prefers: str, value: float
) -> None:
    """1 where the replayed answer wins both, 0 where it loses both, 0.5 for a tie."""

    def thinks(asked_for: Asked) -> dict[str, Any]:
        named = [k[-1] for k, v in asked_for.blocks.items() if prefers in v or "Mercury" in v]
        return {"explanation": "", "better": named[0] if named else "tie"}

    judge, _ = make_judge(thinks, pairwise=True)
    scores = judge.scores(answered(BAD), answered(GOOD))
    assert {"baseline": 0.5, "replayed": value} == values(scores)


def test_a_judge_that_changes_its_mind_with_the_order_gives_a_tie(make_judge: MakeJudge) -> None:
    """A position that is liked more decides nothing."""

    def thinks(asked_for: Asked) -> dict[str, Any]:
        tried = next((k[-1] for k, v in asked_for.blocks.items() if "Mercury" in v), "A")
        return {"explanation": "First!", "better": tried}

    judge, _ = make_judge(thinks, pairwise=True)
    score = judge.scores(answered(BAD), answered(GOOD))["replayed"]
    assert 0.5 == score.value
    assert "the judge chose otherwise when the answers changed places" == score.explanation


def test_the_rubric_follows_the_name_of_the_prompt(make_judge: MakeJudge) -> None:
    """The first pattern that fits; our own where none does."""
    judge, server = make_judge(sound, rubrics={"support-*": "Be kind.", "*-b": "Be brief."})
    for name in ("support-b", "other-b", None):
        judge.scores(answered(GOOD, name=name), answered(GOOD, name=name))
    rubrics = [seen.json["messages"][0]["content"] for seen in server.seen[1:]]
    assert "Rubric:\nBe kind." in rubrics[0]
    assert "Rubric:\nBe brief." in rubrics[1]
    assert "serve the request" in rubrics[2]


class Memory:
    """Keeps the answers of judges as a run file would."""

    def __init__(self) -> None:
        self.known: dict[Call, Reply] = {}

    def find(self, call: Call) -> Reply | None:
        """What was answered before."""
        return self.known.get(call)

    def keep(self, call: Call, outcome: Reply | CallFailed) -> None:
        """Remember."""
        assert "judge" == call.purpose
        if isinstance(outcome, Reply):
            self.known[call] = outcome


def test_a_stored_run_is_judged_again_for_free(make_judge: MakeJudge) -> None:
    """The same questions are the same requests, trial and samples included."""
    memory = Memory()
    first, server = make_judge(sound, samples=2, store=memory)
    scores = first.scores(answered(GOOD), answered(BAD))
    assert 6 == len(server.seen) == len(memory.known)
    again, _ = make_judge(sound, samples=2, store=memory, server=server)
    assert values(scores) == values(again.scores(answered(GOOD), answered(BAD)))
    assert 6 == len(server.seen)
    assert (0, 6) == (again.asking.bill.calls, again.asking.bill.kept)


@pytest.mark.parametrize(("broken", "calls"), [(says("Fine."), 0), (fails(400), 2)])
def test_nonsense_is_kept_and_an_error_is_not(
    make_judge: MakeJudge, broken: Behaviour, calls: int
) -> None:
    """Nobody asks again to get a better answer; where there was none, somebody does."""
    memory = Memory()
    first, server = make_judge(sound, store=memory)
    server.next(broken)
    assert first.scores(answered(GOOD), answered(GOOD))["replayed"].value is None
    again, _ = make_judge(sound, store=memory, server=server)
    again.scores(answered(GOOD), answered(GOOD))
    assert calls == len(server.seen) - 1


@pytest.mark.parametrize(("again", "value"), [(0.9, None), (0.1, 0.1)])
def test_two_verdicts_that_differ_are_none(
    make_judge: MakeJudge, again: float, value: float | None
) -> None:
    """A judge that calls its tool twice has to mean the same."""
    given = [("give_score", {"explanation": "", "score": score}) for score in (0.1, again)]
    judge, server = make_judge(sound, provider="anthropic", samples=1)
    judge.scores(answered(GOOD), answered(GOOD))
    server.next(says(calls=given))
    assert value == judge.scores(answered(BAD), answered(BAD))["replayed"].value


def test_the_bill_counts_what_was_asked(make_judge: MakeJudge) -> None:
    """Calls and tokens of the judge stand apart from those of the target."""
    judge, server = make_judge(sound)
    judge.scores(answered(GOOD), answered(BAD))
    judge.scores(answered(GOOD), answered(BAD))
    bill = judge.asking.settled()
    assert 3 == bill.calls == len(server.seen)
    assert 0 == bill.unpriced  # a server on this machine
    assert 36 == bill.input_tokens
