"""The incomplete beta function, its inverse, and Student's t from them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import count, islice
from math import exp, inf, lgamma, log, log1p, sqrt

__all__ = ["beta_cdf", "beta_quantile", "t_quantile", "t_tail"]

_TINY = 1e-300
_PRECISE = 1e-16
_CLOSE = 1e-9
"""A step of Newton's so much smaller than what is left is the last: its error is the square."""
_MOST_TERMS = 20_000
_MOST_STEPS = 200


def beta_cdf(x: float, a: float, b: float) -> float:
    """The share of a beta distribution that lies below x.

    By the continued fraction of https://dlmf.nist.gov/8.17.E22, from the side where it converges
    fast.
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _front(1 - x, b, a) / b / _fraction(1 - x, b, a)
    return _front(x, a, b) / a / _fraction(x, a, b)


def _front(x: float, a: float, b: float) -> float:
    return exp(a * log(x) + b * log1p(-x) + lgamma(a + b) - lgamma(a) - lgamma(b))


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction, by the modified method of Lentz."""
    value, upper, lower = 1.0, 1.0, 0.0
    for term in islice(_terms(x, a, b), _MOST_TERMS):
        upper = 1 + term / upper or _TINY
        lower = 1 / (1 + term * lower or _TINY)
        value *= upper * lower
        if abs(upper * lower - 1) < _PRECISE * 10:
            break
    return value


def _terms(x: float, a: float, b: float) -> Iterator[float]:
    for m in count():
        at = a + 2 * m
        if m:
            yield m * (b - m) * x / ((at - 1) * at)
        yield -(a + m) * (a + b + m) * x / (at * (at + 1))


@lru_cache(maxsize=4096)
def beta_quantile(p: float, a: float, b: float) -> float:
    """The x below which the share p of a beta distribution lies.

    Newton's steps as long as they stay between the bounds found so far, else halving.
    """
    low, high, x = 0.0, 1.0, a / (a + b)
    for _ in range(_MOST_STEPS):
        if not 0 < x < 1 or high - low <= _PRECISE * high:
            break
        off = beta_cdf(x, a, b) - p
        low, high = (low, x) if off > 0 else (x, high)
        step = _newton(x, off, a, b)
        if abs(step) <= _CLOSE * min(x, 1 - x):
            return x - step
        x = x - step if low < x - step < high else (low + high) / 2
    return x


def _newton(x: float, off: float, a: float, b: float) -> float:
    density = _front(x, a, b) / (x * (1 - x))
    return off / density if density else inf


def t_tail(t: float, freedom: float) -> float:
    """The chance that Student's t is above t."""
    half = beta_cdf(freedom / (freedom + t * t), freedom / 2, 0.5) / 2
    return half if t > 0 else 1 - half


def t_quantile(tail: float, freedom: float) -> float:
    """The t above which the share `tail`, less than a half, lies."""
    x = beta_quantile(2 * tail, freedom / 2, 0.5)
    return sqrt(freedom * (1 / x - 1))
