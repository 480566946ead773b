"""Asks a judge how good an answer is.

`settings` and `rubric` say how, `transcript` and `question` write what a judge reads, `shapes`
makes a call of it, `judge_target` knows where it goes and its price, `calls` makes each call once
and `bill` adds up what they took, `model_judge` turns opinions into scores after `trial` has shown
that the judge cannot be told what to think. `own_judge` asks a user's code by an `own_function`,
`scorers` a scorer of autoevals, `given` makes the judge that is named. `decides` tells one judge
from another, `forecast` says what all of it will cost.
"""
