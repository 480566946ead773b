"""A loopback server in front of a cassette, for what no patch in this process can reach.

* `server`: `CassetteServer`, which asks the tape of the cassette what becomes of each call.
* `places`: where a call would go, and the variables that send clients here; `owners`: whose it is.
* `answers`: recorded answers and refusals as they go over the wire.
* `forward`, `upstream`, `addresses`: a live call, passed on as it comes, to where it may go.
"""

from __future__ import annotations

from .places import Places
from .server import CassetteServer

__all__ = ["CassetteServer", "Places"]
