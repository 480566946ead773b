"""Results in words: pure functions from data and a width to lines.

Everything that came from outside goes through `text.sanitise` on its way: each text when it is
placed, and every finished line once more.

* `calls`: one call, recorded or sent again; `cassettes`: recordings, and calls without one.
* A replay: `estimate` and `header` before it, `scoped` and `free_session` of sessions, `summary`
  and `verdict` at its end; `two_runs` compares, `junit` is for machines.
* `rerouted`: calls of tests that went to a target; `mutation`: what a set of checks would miss.
"""
