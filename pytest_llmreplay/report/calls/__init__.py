"""What is said of single calls; `place` says where an event stands.

`divergence` is the failure of a replayed one, with `samples` where it was asked several times.
`conversation` is a recorded one, whole, `stored` one of a stored run, `replayed` one of a program;
`side_by_side` has the answers of several targets.
"""
