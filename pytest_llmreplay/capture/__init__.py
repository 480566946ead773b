"""Intercepts the LLM calls of this process, whichever HTTP library makes them.

* `tape`: the words. A **tape** gets each call as a `RawRequest` and decides: a `Playback` to answer
  with, a `Recorder` that listens to the live call, or nothing.
* `active`: which tape a call belongs to (threads, tasks, nesting).
* `routing`: the pure core of every seam, `endings`: how a call ended; `bodies`: requests and
  answers as files.
* One seam for each library, where every call goes through and mocks stand above or beside:
  `httpx_client` with `httpx_answers` (httpx, httpx2), `urllib3_pool` with `urllib3_answers`
  (urllib3, and with it requests and botocore), `aiohttp_session` with `aiohttp_bodies` and
  `aiohttp_played`, `stdlib_http` with `stdlib_answers` (http.client, urllib.request),
  `httplib2_client` and `tornado_client` with `vcr_stubs`.
* `patching`, `install`: how seams get into libraries and out again. A library is patched when it is
  imported, never imported to be patched.
* Processes that are started anew: `tickets` says what they take along, `starting` and `pools` see
  that they do; there, `asking` is the tape, and `answering` hears it over a `line`, on which
  `deciding` says what becomes of a call.
* `sockets`: the tripwire for what no seam sees.
"""
