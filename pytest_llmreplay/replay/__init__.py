"""Sends recorded calls to another model.

`targets` names where a replay can go, `trust` decides which key may go there, `endpoints` joins
both; `request` makes the request, `preparation` when the turn of an event comes, `engine` sends
many of them (`loop_thread`, a `lane` per target, a `client` per endpoint, `retry`, `throttle`), and
`decode` turns an answer into an event again. `run` judges the answers one by one.
"""

from .config import Config, TargetEntry, find_config, load_config
from .decode import replayed_event
from .endpoint import Endpoint, Secret
from .endpoints import Endpoints
from .engine import Engine
from .lane import Job
from .outgoing import Outgoing
from .overrides import Overrides, parse_overrides
from .request import prepare
from .result import CallFailed, NotReplayed, NotRun, Reply
from .retry import RetryRules
from .targets import Target, TargetSettings, resolve, resolve_all
from .trust import BaseUrl, Trust
from .unsendable import not_replayed

__all__ = [
    "BaseUrl",
    "CallFailed",
    "Config",
    "Endpoint",
    "Endpoints",
    "Engine",
    "Job",
    "NotReplayed",
    "NotRun",
    "Outgoing",
    "Overrides",
    "Reply",
    "RetryRules",
    "Secret",
    "Target",
    "TargetEntry",
    "TargetSettings",
    "Trust",
    "find_config",
    "load_config",
    "not_replayed",
    "parse_overrides",
    "prepare",
    "replayed_event",
    "resolve",
    "resolve_all",
]
