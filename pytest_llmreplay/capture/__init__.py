"""Intercepts the LLM calls of this process, whichever HTTP library makes them.

* `tape`: the words. A **tape** gets each call as a `RawRequest` and decides: a `Playback` to answer
  with, a `Recorder` that listens to the live call, or nothing.
* `active`: which tape a call belongs to (threads, tasks, nesting).
* `routing`: the pure core of every seam. `patching`, `install`: how seams get into libraries.
* One file for each library: `httpx_client` (httpx, httpx2) …

A library is patched when it is imported, never imported to be patched.
"""
