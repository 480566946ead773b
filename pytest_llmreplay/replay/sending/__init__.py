"""Sends many requests at once, and each as often as it takes.

`engine` runs in a `loop_thread`, with a `lane` per target whose `job`s it makes with `tries`;
`throttle` and `lag` say how many are in flight. `client` is one attempt in the loop, `blocking` one
in the thread that waits; `attempt` is what both know, `bounds` limits the answer, `failure` says
why there is none, `paid_client` asks for money first.

A `sender` carries requests: `own_sender` by aiohttp, `own_pool` by urllib3, both with
`own_request` and what the `environment` says; `made_sender` by a client that a user made.
"""
