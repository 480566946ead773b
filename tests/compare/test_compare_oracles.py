"""The mathematics beside scipy and statsmodels, where these are installed: `tox -e statistics`."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from made_scores import held

from pytest_llmreplay.compare.statistics.beta import beta_cdf, beta_quantile, t_quantile, t_tail
from pytest_llmreplay.compare.statistics.interval import Arm
from pytest_llmreplay.compare.statistics.multiple import benjamini_hochberg, holm
from pytest_llmreplay.compare.statistics.permutation import permute
from pytest_llmreplay.compare.statistics.scores import Sides
from pytest_llmreplay.compare.statistics.shuffles import sign_flip
from pytest_llmreplay.compare.statistics.stages import looks

stats = pytest.importorskip("scipy.stats", reason="scipy is no dependency; see tox -e statistics")
np = pytest.importorskip("numpy")
proportion = pytest.importorskip("statsmodels.stats.proportion")
multitest = pytest.importorskip("statsmodels.stats.multitest")
tables = pytest.importorskip("statsmodels.stats.contingency_tables")

SIZES = (0.6, 1.0, 2.5, 27.0, 90.0, 300.5, 3_000.0)


def test_quantiles_of_the_beta_function_agree_with_scipy() -> None:
    """To 2e-13, for sizes up to some thousand answers."""
    off = [
        abs(beta_quantile(p, a, b) - stats.beta.ppf(p, a, b))
        for p, a, b in product((0.0037, 0.05, 0.5, 0.95), SIZES, SIZES)
    ]
    assert 2e-13 >= max(off)


def test_the_beta_function_agrees_with_scipy() -> None:
    """Over its whole range."""
    off = [
        abs(beta_cdf(x, a, b) - stats.beta.cdf(x, a, b))
        for x, a, b in product((1e-6, 0.1, 0.5, 0.9, 0.999), SIZES, SIZES)
    ]
    assert 1e-11 >= max(off)


def test_students_t_agrees_with_scipy() -> None:
    """Tails and quantiles, whole and broken degrees of freedom."""
    for freedom, t in product((1, 5.472845, 8, 58, 1_000), (-3.0, 0.0, 0.5, 2.95)):
        assert pytest.approx(stats.t.sf(t, freedom), abs=1e-12) == t_tail(t, freedom)
    for freedom, tail in product((1, 8, 58), (0.001, 0.05)):
        assert pytest.approx(stats.t.isf(tail, freedom), rel=1e-9) == t_quantile(tail, freedom)


def test_limits_of_a_share_agree_with_statsmodels() -> None:
    """Method `beta`, at 5 % per side."""
    for passes, calls in ((27, 30), (90, 90), (1, 7), (250, 300)):
        low, high = proportion.proportion_confint(passes, calls, alpha=0.1, method="beta")
        side = Arm(mean=passes / calls, size=calls)
        assert pytest.approx((low, high), abs=1e-12) == (side.lower(0.05), side.upper(0.05))


def test_one_event_agrees_with_fishers_test_of_scipy() -> None:
    """All outcomes of ten against five."""
    for then, now in product(range(11), range(6)):
        event = Sides(key="e", session="s", calibration=held(then, 10), target=held(now, 5))
        table = [[now, 5 - now], [then, 10 - then]]
        expected = stats.fisher_exact(table, alternative="less").pvalue
        assert pytest.approx(expected) == permute([event], seed="")


def test_single_pairs_agree_with_statsmodels() -> None:
    """Its McNemar is two-sided."""
    for worse, better in ((8, 1), (5, 0), (6, 4)):
        two_sided = tables.mcnemar([[0, worse], [better, 0]], exact=True).pvalue
        pairs = [(1, 0)] * worse + [(0, 1)] * better
        events = [
            Sides(key="e", session="s", calibration=(then,), target=(now,)) for then, now in pairs
        ]
        assert pytest.approx(two_sided) == min(1, 2 * permute(events, seed=""))


def test_signs_agree_with_the_permutation_test_of_scipy() -> None:
    """All signs, of the reference vector and of drawn sums."""
    lot = Random(0)
    vector = [-0.4, -0.1, 0.2, -0.3, -0.5, 0, -0.2, -0.6]
    for sums in (vector, [lot.uniform(-1, 0.5) for _ in range(10)]):
        expected = stats.permutation_test(
            (np.array(sums),),
            lambda x, axis: x.sum(axis=axis),
            permutation_type="samples",
            alternative="less",
            vectorized=True,
            n_resamples=np.inf,
        ).pvalue
        assert pytest.approx(expected) == sign_flip(sums)


def test_adjusted_ps_agree_with_statsmodels() -> None:
    """Holm, and Benjamini and Hochberg."""
    lot = Random(1)
    for size in (1, 5, 40):
        ps = [lot.random() ** 2 for _ in range(size)]
        for ours, method in ((holm, "holm"), (benjamini_hochberg, "fdr_bh")):
            expected = multitest.multipletests(ps, method=method)[1]
            assert pytest.approx(list(expected)) == ours(ps)


def test_all_looks_together_spend_what_they_may() -> None:
    """By the multivariate normal distribution: 0.05 over four looks, on either side."""
    planned = looks((1, 2, 3, 5), 10)
    times = [look.time for look in planned]
    together = [[(min(s, t) / max(s, t)) ** 0.5 for s in times] for t in times]
    for levels in ([look.regression for look in planned], [look.ok for look in planned]):
        bounds = stats.norm.isf(levels)
        none = stats.multivariate_normal(cov=together, abseps=1e-7, seed=0).cdf(bounds)
        assert pytest.approx(0.05, abs=1e-5) == 1 - none
