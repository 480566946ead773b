"""What the models of the examples say."""

from __future__ import annotations

import json

from pytest_llmreplay.replay.simulated import Line, Script, When

__all__ = ["SCRIPT"]


def score(points: int, feedback: str) -> str:
    """An answer of the judge."""
    return json.dumps({"score": points, "feedback": feedback}, ensure_ascii=False)


def debater(about: str, reply: str) -> Line:
    """A reply to the user's argument."""
    return Line(When(user=about, system="seasoned debater"), reply)


def judge(about: str, points: int, feedback: str) -> Line:
    """A score for an argument."""
    return Line(When(user=about, system="judge arguments"), score(points, feedback))


DEBATE = [
    judge(
        "only moves factories",
        6,
        "The mechanism is real and clearly put. Say how large it has been where a carbon price "
        "exists, and why a levy at the border would not stop it.",
    ),
    debater(
        "only moves factories",
        "Leakage is possible, but studies of Europe's carbon market have found little of it, and a "
        "levy on imported steel, cement and fertiliser takes away most of the reason to move. "
        "Emissions under that market have fallen by about half since 2005. If everyone waits for "
        "everyone, nobody begins.",
    ),
    judge(
        "Leakage is possible",
        8,
        "It answers the objection itself, offers a remedy and gives a figure. Name one of the "
        "studies, and say how much of the fall came from the price alone.",
    ),
    judge(
        "a tax on the poor",
        7,
        "The point about shares of income is sound and easy to follow. It would be stronger if it "
        "dealt with what happens to the revenue.",
    ),
    debater(
        "a tax on the poor",
        "The price is half of the policy; the other half is what happens to the money. Paid back "
        "in equal sums to every person, it leaves most poorer households better off, because they "
        "emit less than the average. Cheap fuel for all mainly helps those who burn the most.",
    ),
    judge(
        "The price is half of the policy",
        8,
        "A precise answer that turns the objection around. Admit that some poor households in the "
        "countryside lose even with a rebate, and say what you would do for them.",
    ),
    judge(
        "one election can abolish",
        8,
        "A recent case and a clear reason why it matters to investors. Show that other policies "
        "would last longer, otherwise the argument hits them all.",
    ),
    debater(
        "one election can abolish",
        "That tells us how to build the price, not to do without it. Canada kept the charge on "
        "large industry, and Europe's market has outlived five parliaments, because companies that "
        "hold permits defend their value. Subsidies fall to elections too, and they cost the "
        "budget money instead of bringing it in.",
    ),
    judge(
        "how to build the price",
        7,
        "Good use of the opponent's own example. The claim that permit holders defend the market "
        "deserves evidence.",
    ),
]

REFUND = [
    Line(
        When(user="HC-48213", system="Harbour Cycles"),
        "I'm sorry about the wheel. Let me look at your order.",
        calls=[("get_order", {"order_id": "HC-48213"})],
    ),
    Line(
        When(result='"price": 84.5', system="Harbour Cycles"),
        calls=[
            (
                "refund",
                {
                    "order_id": "HC-48213",
                    "amount": 84.5,
                    "reason": "damaged",
                    "send_back": False,
                },
            )
        ],
    ),
    Line(
        When(result="R-7731", system="Harbour Cycles"),
        "Your 84.50 euros are on their way back to you, with the refund number R-7731. You need "
        "not send the wheel back, because it cost less than 100 euros. I'm sorry for the trouble.",
    ),
    Line(
        When(user="a new wheel by Friday", system="Harbour Cycles"),
        calls=[("check_stock", {"item": "rear wheel 28 inch"})],
    ),
    Line(
        When(result='"in_stock": 3', system="Harbour Cycles"),
        "We have three of these wheels in stock. Delivery usually takes two days, but I cannot "
        "promise that it arrives by Friday. You can order one with the same item number as before.",
    ),
]

SUMMARY = [
    Line(
        When(user="Elm Street", system="minutes of a meeting"),
        "The council will turn Elm Street into a street for bicycles and residents from April, at "
        "first for one year. The signs, planters and two counting stations cost 64,000 euros, of "
        "which the region pays half. Still open is where delivery vans may stop in the morning; "
        "the traffic office will propose places by January.",
    ),
]

SCRIPT = Script(
    [*DEBATE, *REFUND, *SUMMARY],
    models={"gpt-5-mini": "gpt-5-mini-2025-08-07"},
    first=0.24,
    per_token=0.006,
    created=1_795_200_000,
)
