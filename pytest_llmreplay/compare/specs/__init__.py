"""Checks as people write them.

`known` has all that there are, `parsing` reads lists of them, `sets` names lists of our own.
`scoped` ones are over a session or the run; `comparisons` takes `text>0.9` for `text>=0.9`,
`given_checks` are those of users. `layers` says which are in force, and who asked for them.
"""
