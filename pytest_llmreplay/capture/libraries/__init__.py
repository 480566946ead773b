"""The seams: one place in each HTTP library that all its calls go through.

`httpx_client` with `httpx_answers` and `httpx_headers` (httpx, httpx2; `httpcore_pool` for calls
that a mocking library lets through), `urllib3_pool` with `urllib3_answers` (urllib3, and with it
requests and botocore), `aiohttp_session` with `aiohttp_bodies` and `aiohttp_played`, `stdlib_http`
with `stdlib_answers` (http.client, urllib.request), `httplib2_client` and `tornado_client` with
`vcr_stubs`. `bodies` reads requests and answers that are files. `vcrpy` keeps live calls out of
cassettes of vcrpy.
"""
