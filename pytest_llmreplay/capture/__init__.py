"""Intercepts the LLM calls of this process, whichever HTTP library makes them.

* `tape`: the words. A **tape** gets each call as a `RawRequest` and decides: a `Playback` to answer
  with, a `Recorder` that listens to the live call, or nothing.
* `active`: which tape a call belongs to (threads, tasks, nesting).
* `routing`: the pure core of every seam, `endings`: how a call ended.
* `libraries`: one seam for each library, where every call goes through and mocks stand above or
  beside.
* `patching`, `install`: how seams get into libraries and out again. A library is patched when it is
  imported, never imported to be patched.
* `processes`: those that a test starts anew.
* `sockets`: the tripwire for what no seam sees.
"""
