"""Answers the calls of a test from its cassette, records what it may, explains what is missing.

`open_cassette` is the cassette of a running test: its `tape` decides what becomes of each call,
`children` tell what forked processes of the test did, and `commit` makes the new cassette of a test
that has passed. They are built on these packages, each of which needs only those above it:

* `stamps`   what a call is named by: prompt, session, labels
* `playing`  from a call to its key, to the recorded event, to its answer
* `live`     from the bytes of a live call to its event, by way of the partial file

and `misses` looks at an open cassette to say why it has no event for a call.
"""
