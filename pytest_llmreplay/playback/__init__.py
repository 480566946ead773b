"""Answers the calls of a test from its cassette, records what it may, explains what is missing.

* `open_cassette`: the cassette of a running test; `tape` decides what becomes of each call.
* `call_keys`, `recordings`, `source`, `finder`, `answered`: from a call to its key, to the recorded
  event with that key, to the answer that the client gets again.
* `children`: what forked processes of the test played, recorded and missed.
* `live_calls`, `recorder`, `content`, `live_event`, `stamp`: from the bytes of a live call to its
  event.
* `commit`: from what a passing test played and recorded to its new cassette.
* `miss`, `likeness`, `differences`, `frames`: why a call was not found, as data.
"""
