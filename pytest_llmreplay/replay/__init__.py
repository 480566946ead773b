"""Sends recorded calls to another model.

`targets` names where a replay can go, `trust` decides which key may go there, `endpoints` joins
both; `request` makes the request, which `writing` puts into a format of the target, `preparation`
when the turn of an event comes, `engine` sends many of them (`loop_thread`, a `lane` per target and
its `tries`, a `client` per endpoint, `retry`, `throttle`), and `decode` turns an answer into an
event again. `run` judges the answers one by one.
"""
