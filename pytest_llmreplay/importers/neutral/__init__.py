"""Calls that a log tells in a form of its own, put into the wire format of their provider.

* `call`: what a log tells of a call; `wire` writes it as its provider's format, through the
  encoders of `providers`.
* `names`: whose call it is, in the spellings of logs; `times` and `parameters` in theirs.
* `asked` and `answered`: conversations and answers in the shapes that logs keep: those of the
  providers, LangChain's (`langchain`), and the conventions of OpenTelemetry (`conventions`).
"""
