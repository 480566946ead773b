"""Sends recorded calls to another model.

`targets` names where a replay can go, `trust` which key may go there, `config` reads what
`llmreplay.yaml` says of it; `selecting` and `variants` say which events are sent, and what is
changed in them. When the turn of an event comes, `preparation` makes its request (`requests`, or
`sessions` where it runs freely), `sending` sends many at once, `money` says whether it may, and
`decode` turns an answer into an event again. `run` judges the answers one by one, against
`baselines`. `rerouting` asks for the calls of running tests; `simulated` is a model server.
"""
