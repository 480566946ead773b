"""What the specification of the verdicts says of them, in per cent.

Its figures were counted, too: over 1,000 to 6,000 simulated runs each, with ten samples of
calibration of each event and a margin of 5 points.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulated_models import SCHEDULE, Model, Schedule

__all__ = ["FITTED", "ROWS", "RUNS", "SAMPLES_FOR_90", "WRONG_OK", "Said", "Specified"]

RUNS = 2_000
"""Of each figure, about."""
FITTED = 0.9
"""How mixed events differ. The specification names a beta distribution and no more; its rows of
mixed events come out as it says with this one."""
SAMPLES_FOR_90 = ((1.00, 2), (0.98, 3), (0.95, 4), (0.90, 8), (0.80, 15))
"""Self-agreement, and samples of each of 30 events that find a drop of 10 points nine times in
ten."""

Key = tuple[Schedule, str, float]
"""Samples, what is counted, and at which true drop."""


@dataclass(frozen=True, slots=True)
class Said:
    """One figure of the specification."""

    value: float
    at_most: bool = False
    """Whether it is a bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Specified:
    """A model, and the figures of the verdicts about it."""

    model: Model
    figures: dict[Key, Said]


TABLE = """
 10 1.00 -       0   0   0  61  95    0   0   0  89 100    0   0  89  100  68  40
 10 0.95 mixed 1.4   9 2.8  52  90  1.3  27 3.8  69  97  1.0  14  68   98  76  48
 10 0.90 -     2.8  11 3.3  33  74  2.9  18 4.0  40  86  2.6  12  40   98  90  67
 10 0.80 mixed 2.7  17 4.2  34  77  2.6  23 4.4  46  89  2.1  21  44   94  86  60
 30 1.00 -       0 100 0.7  96 100    0 100 1.9  99 100    0 100 100   60  30  21
 30 0.95 mixed 1.3  70 4.0  92 100  0.2  88 3.4  97 100  0.8  83  97   73  43  23
 30 0.90 -     3.1  30 3.6  72  99  3.2  45 4.4  86 100  3.8  37  85   88  68  33
 30 0.80 mixed 3.0  38 4.9  77  99  3.4  52 4.9  87 100  3.8  44  86   85  63  30
 30 0.60 -     3.8  19 4.4  47  95  3.9  25 4.9  62  99  3.4  21  57   91  83  47
100 0.95 mixed   0 100 5.1  99 100    0 100 5.0 100 100  0.1 100 100   39  22  20
100 0.90 -     0.7  76 4.6  98 100  0.1  89 4.6  99 100  1.3  85 100   63  33  20
100 0.60 -     4.6  43 5.1  93 100  3.0  57 4.1  97 100  3.7  49  97   81  50  23
"""
"""Events, self-agreement, whether they are mixed. Of three and of five samples: false alarm, ok at
no change, ok at a drop of 5 points, a drop of 10 found, one of 20 found. Of the schedule: false
alarm, ok, a drop of 10 found; its calls, in per cent of five samples, at no change, a drop of 10,
of 20."""
ONCE = (("regression", 0.0), ("ok", 0.0), ("ok", 0.05), ("regression", 0.1), ("regression", 0.2))
STAGED = (
    *(("regression", 0.0), ("ok", 0.0), ("regression", 0.1)),
    *(("calls", 0.0), ("calls", 0.1), ("calls", 0.2)),
)
COLUMNS: tuple[Key, ...] = (
    *(((3,), *each) for each in ONCE),
    *(((5,), *each) for each in ONCE),
    *((SCHEDULE, *each) for each in STAGED),
)
WRONG_OK = 5.4
"""Of the schedule, at a drop as large as the margin: a bound for all rows."""


def _specified(line: str) -> Specified:
    events, agreement, kind, *words = line.split()
    values = iter(map(float, words))
    figures = {key: Said(next(values)) for key in COLUMNS}
    figures[SCHEDULE, "ok", 0.05] = Said(WRONG_OK, at_most=True)
    flakiness = FITTED if kind == "mixed" else None
    model = Model(events=int(events), agreement=float(agreement), flakiness=flakiness)
    return Specified(model=model, figures=figures)


ROWS = tuple(map(_specified, TABLE.strip().splitlines()))
