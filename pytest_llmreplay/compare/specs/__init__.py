"""Checks as people write them.

`known` has all that there are, `signs` takes `text>0.9` for `text>=0.9`, `parsing` reads lists of
them, `sets` names lists of our own. `scoped` ones are over a session or the run; `given_checks` are
those of users. `layers` says which are in force, and who asked for them.
"""
