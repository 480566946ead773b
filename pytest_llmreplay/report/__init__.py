"""Results in words: pure functions from data and a width to lines.

Everything that came from outside goes through `sanitise` on its way: each text when it is placed,
and every finished line once more. `layout` knows how wide text is, `diff` shows the smallest useful
difference, `place` says where an event stands. One text per module: `divergence`, `miss`,
`recording`, `header`, `summary` (with `table`, `causes`, `force`, from the sums in `tally`),
`junit`; `verdict` and `two_runs` take several.
"""
