"""Asks a judge how good an answer is.

`settings` and `rubric` say how, `transcript` and `question` write what a judge reads, `shapes`
makes a call of it, `calls` makes each call once and `bill` adds up what they took, `model_judge`
turns opinions into scores after `trial` has shown that the judge cannot be told what to think.
`own_judge` asks a user's code, `scorers` a scorer of autoevals, `given` makes either of what a hook
gave. `decides` tells one judge from another, `forecast` says what all of it will cost.
"""

from .bill import Bill
from .calls import Asking
from .decides import JUDGINGS, judge_settings
from .forecast import Forecast
from .given import given_judge
from .judges import Judge
from .model_judge import ModelJudge
from .own_judge import OwnJudge
from .scorers import is_scorer
from .settings import JudgeSettings, read_settings
from .transcript import answered as words_of
from .workers import Workers

__all__ = [
    "JUDGINGS",
    "Asking",
    "Bill",
    "Forecast",
    "Judge",
    "JudgeSettings",
    "ModelJudge",
    "OwnJudge",
    "Workers",
    "given_judge",
    "is_scorer",
    "judge_settings",
    "read_settings",
    "words_of",
]
