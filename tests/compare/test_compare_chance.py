"""How often luck alone looks this bad: shuffles, signs, single pairs."""

from __future__ import annotations

from itertools import combinations, product
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_scores import held

from pytest_llmreplay.compare.statistics.permutation import permute
from pytest_llmreplay.compare.statistics.scores import Sides
from pytest_llmreplay.compare.statistics.shuffles import sign_flip

SUMS = (-0.4, -0.1, 0.2, -0.3, -0.5, 0, -0.2, -0.6)


def sides(calibration: tuple[float, ...], target: tuple[float, ...]) -> Sides:
    """An event."""
    return Sides(key="e", session="s", calibration=calibration, target=target)


def every_shuffle(events: list[Sides]) -> float:
    """The same p, by looking at each way of each event in turn."""
    ways = []
    for event in events:
        scores = event.calibration + event.target
        places = range(len(scores))
        ways.append(
            [
                sides(
                    tuple(scores[place] for place in places if place not in chosen),
                    tuple(scores[place] for place in chosen),
                ).change
                for chosen in combinations(places, len(event.target))
            ]
        )
    observed = sum(event.change for event in events)
    totals = [sum(changes) for changes in product(*ways)]
    return sum(total <= observed + 1e-9 for total in totals) / len(totals)


BITS = st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=3).map(tuple)
GRADES = st.lists(st.sampled_from([0.0, 0.25, 0.7, 1.0]), min_size=1, max_size=3).map(tuple)
EVENTS = st.one_of(
    *(st.lists(st.builds(sides, x, x), min_size=1, max_size=3) for x in (BITS, GRADES))
)


@settings(max_examples=80, deadline=None)
@given(EVENTS)
def test_a_p_is_the_share_of_all_shuffles_that_look_as_bad(events: list[Sides]) -> None:
    """By a convolution where scores are 0 and 1, by looking at all of them where they are not."""
    assert pytest.approx(every_shuffle(events)) == permute(events, seed="")


def test_three_events_that_broke_every_time_are_seen() -> None:
    """Vector 2: signs of differences would say 1 in 8."""
    steady = [sides(held(10, 10), held(3, 3))] * 27
    broken = [sides(held(10, 10), held(0, 3))] * 3
    assert pytest.approx(1 / 286**3) == permute(steady + broken, seed="")


def test_a_p_is_never_0() -> None:
    """Three hundred events that broke are rarer than a number can say."""
    assert 0 < permute([sides(held(10, 10), held(0, 3))] * 300, seed="") < 1e-300


def test_one_event_is_judged_by_fishers_exact_test() -> None:
    """Vectors 5 and 6."""
    assert pytest.approx(0.05) == permute([sides(held(3, 3), held(0, 3))], seed="")
    assert pytest.approx(1 / 3) == permute([sides(held(10, 10), held(4, 5))], seed="")


def test_single_pairs_are_judged_by_mcnemars_exact_test() -> None:
    """Vector 10: eight got worse, one got better."""
    worse, better = sides((1,), (0,)), sides((0,), (1,))
    assert 0.01953125 == permute([worse] * 8 + [better], seed="")


def test_events_that_never_vary_say_nothing() -> None:
    """All pass, or all fail: no shuffle changes anything."""
    same = [sides(held(3, 3), held(3, 3)), sides(held(0, 3), held(0, 3))]
    assert 1 == permute(same, seed="")
    assert permute([sides(held(3, 3), held(0, 3))], seed="") == permute(
        [*same, sides(held(3, 3), held(0, 3))], seed=""
    )


def test_a_run_too_odd_to_be_counted_out_is_drawn() -> None:
    """Every event has another number of samples, so that no sums coincide."""
    events = [
        sides(held(k0 - 1, k0), held(k - k0 % 2, k))
        for k0 in range(11, 31)
        for k in range(7, 17, 2)
    ]
    p = permute(events, seed="drawn")
    assert 0.3 < p < 0.9
    assert permute(events, seed="drawn") == p != permute(events, seed="again")


def test_many_ways_of_one_event_are_drawn_without_listing_them() -> None:
    """Fifteen grades of each side have 155 million ways."""
    low = tuple(number / 40 for number in range(15))
    high = tuple(0.5 + number / 40 for number in range(15))
    assert 1e-4 == permute([sides(high, low)], seed="")
    assert 1 == permute([sides(low, high)], seed="")


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.floats(0.05, 0.5))
def test_an_unchanged_model_looks_this_bad_as_often_as_it_says(
    k: int, k0: int, level: float
) -> None:
    """Over all ways that one event may come out, p is at most the level that often at most."""
    scores = [number / 10 for number in range(k + k0)]
    found = [
        permute(
            [sides(tuple(s for s in scores if s not in chosen), tuple(chosen))],
            seed="",
        )
        for chosen in combinations(scores, k)
    ]
    assert comb(k + k0, k) == len(found)
    assert level + 1e-9 >= sum(p <= level for p in found) / len(found)


@pytest.mark.parametrize(
    ("sums", "p"), [(SUMS, 0.03125), ((-1,) * 5, 0.03125), ((-1,) * 3, 0.125), ((0, 0), 1), ((), 1)]
)
def test_signs_of_sums_are_all_tried(sums: tuple[float, ...], p: float) -> None:
    """Vector 12."""
    assert p == sign_flip(sums)


def test_signs_of_many_sums_are_drawn_and_p_is_never_0() -> None:
    """Twenty sums below zero; the seed alone decides what is drawn."""
    assert 1e-4 == sign_flip([-1] * 20, seed="a")
    mixed = [(-1) ** number * number for number in range(1, 30)]
    assert sign_flip(mixed, seed="a") == sign_flip(mixed, seed="a") != sign_flip(mixed, seed="b")
