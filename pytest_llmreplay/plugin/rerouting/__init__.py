"""`--llm-replay-tests`: the tests themselves run, and their LLM calls go to a target.

`hooks` is the pytest plugin, `tape` sends the calls, `caller` hands the answers to the client that
waits, `recordings` plays what no target is asked. `calls` counts what became of them, `money` and
`summary` do so over all workers.
"""
