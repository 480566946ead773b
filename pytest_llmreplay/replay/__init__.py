"""Sends recorded calls to another model.

`targets` names where a replay can go, `trust` decides which key may go there, `endpoints` joins
both; `request` makes the request, `preparation` when the turn of an event comes, `engine` sends
many of them (`loop_thread`, a `lane` per target, a `client` per endpoint, `retry`, `throttle`), and
`decode` turns an answer into an event again. `run` judges the answers one by one.
"""
