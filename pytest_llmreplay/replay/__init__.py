"""Sends recorded calls to another model.

* `targets` names where a replay can go, `config` reads what `llmreplay.yaml` says of it.
* `selecting` and `variants` say which events are sent and what is changed in them, `overrides` what
  is changed in all; `unsent` says which are not sent, and why.
* When the turn of an `entry` comes, `preparation` makes its request (`requests`, or `sessions`
  where it runs freely), `sending` sends many `calls` at once, `money` says whether it may.
* `run` takes the answers one by one, and `entry_judge` judges each against `baselines`, by checks
  that may be the cassette's `own_checks`; `gate_plan` says how many answers that takes, `scoring`
  asks the judge ahead.
* `rerouting` asks for the calls of running tests.
* `simulated` is a model server, `simulated_servers` those of a run; `mutation` tells which faults a
  set of checks would miss.
"""
