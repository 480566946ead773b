"""Noise or regression: pure mathematics from scores to a verdict; standard library only.

`scores` is what was measured, `rules` what is asked and answered, `decide` the way between them.
A target is compared with the recorded model asked again (the calibration), never with the
recording itself, which its own test picked.

* `permutation`, `shuffles`: how often luck alone looks this bad.
* `interval` (from `beta`): where the true change lies, which is what proves an `ok`.
* `changed` and `multiple`: which events it was, and several questions at once.
* `stages`: looking more often than once. `samples_rule`: k of n samples of one event.
* `reach`: what a run of a given size can see. `confirm`: a second look.
* `totals` and `quantiles`: budgets over a run. `preference`: a judge that saw both answers.
"""
