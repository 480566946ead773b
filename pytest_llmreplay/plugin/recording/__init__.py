"""Tests record and play: each gets its cassette before its set-up and is judged at its end.

`hooks` is the pytest plugin that does so, `openers` opens a cassette at the place, with the header
and in the mode that a test asks for, `deck` says which one the calls of this moment belong to,
`fixture` is what a test sees of it.

* Wider fixtures: `wide_fixtures` finds them, `fixture_place` names their cassettes,
  `fixture_cassettes` opens those while a fixture is set up or torn down.
* Places: `names` has the test without what other plugins write into its name, and knows with
  `run_marks` whose file it is, or whose else.
* At the end: `failing` fails a test, `kept` says where calls are that are in no cassette,
  `played_log` tells other processes what was played.
"""
