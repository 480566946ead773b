"""Verdicts over a run, in sentences that an engineer reads without a word of statistics.

`run_verdict` is what is said of the run and of each target: `words` of one metric,
`preferred_words` of answers compared in pairs, both with the `figures` of people. `noise_floor`
says what the recorded model does, `preflight` what a verdict can come to before it is paid for.
"""
