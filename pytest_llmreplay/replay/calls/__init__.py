"""One call: where it goes, with which key, and what came of it.

`endpoint` is where calls go, `trust` says which key may go there. A call is an `outgoing` request;
`retry` says when it is tried again, `result` is what came of it, and `decode` makes an event of
that. `call` names one by what it asks, for whoever keeps its answer.
"""
