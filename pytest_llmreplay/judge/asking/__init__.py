"""How a judge that is a model is asked.

`question` is what it is asked, `transcript` a call as it reads it, `shapes` makes a call of them.
`judge_target` knows where it goes and its price, `calls` makes each once, `bill` is what they took.
"""
