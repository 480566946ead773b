"""HTTP servers on 127.0.0.1, for whoever was told the address and nobody else.

* `server`: `LoopbackServer`, a port in a thread of its own.
* `gate`: who may speak to it; `connection`: one client; `body`: what it sends.
* `reply`: an answer that is known, or why there is none; `http2`: the same for a client that speaks
  another HTTP.
* `outlet`: one that comes bit by bit.
"""

from __future__ import annotations

from .connection import HttpCall
from .outlet import ClientGone, LiveReply, Outlet
from .reply import Piece, Reply
from .server import LoopbackServer

__all__ = ["ClientGone", "HttpCall", "LiveReply", "LoopbackServer", "Outlet", "Piece", "Reply"]
