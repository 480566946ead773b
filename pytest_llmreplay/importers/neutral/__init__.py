"""Calls that a log tells in a form of its own, put into the wire format of their provider.

* `call`: what a log tells of a call. `wire` writes it as its provider's format, through the
  encoders of `providers`; `reply` writes its answer, and leaves out counts nobody told.
* `asked`, `offered` and `answered` read conversations, tools and answers in the shapes that logs
  keep: those of the providers, LangChain's (`langchain`), the conventions of OpenTelemetry
  (`conventions`). `decoding` makes neutral requests of them.
* `names`, `parameters` and `facts` read what stands beside them.
"""
