"""What a run may spend, and what it is going to cost.

* `ledger`: money set aside and charged, up to a limit; `shared` is one that processes share.
* `reserving`: the most that a call can cost.
* `spender`: asks the ledger for each attempt; `charges`: what each did cost.
* `purse` asks for the calls of running tests; `guard` refuses what needs a limit and has none.
* `estimate`: calls, tokens and money of recorded events, before any is sent; `question`: of one.
* `spread`: the order in which a run that may end early is a fair sample.
"""
