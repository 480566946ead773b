"""What of which cassette goes where in a replay, and by what its answers are judged.

`run_terms` puts it together: targets and checks of the config files (`configured`), the checks of
run, cassette and event (`checks`), the filter (`filtering`), the judges (`named_judges`,
`judged_items`), samples and gate (`gating`), and the noise floor (`floor`), which holds for the
same `check_settings` alone and is made of the `scores` of every sample.
"""
