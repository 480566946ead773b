"""Asks a judge how good an answer is.

* `judges` is what every judge can do; `given` makes the one that is named: a `model_judge`, one of
  a user's `own`, or one of the `scorers` of autoevals.
* `settings` say how it judges, `asking` makes and keeps its calls; `trial` shows
  whether it can be told what to think.
* `decides` tells one judge from another, `forecast` says what all of it will cost.
"""
