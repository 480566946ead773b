"""Calls of running tests, asked of a target in the place of the server that was meant.

`rerouter` decides, `clients` ask, `call` is one on its way and `rerouted` what came of it. `relay`
brings the answer to the client: `passing` piece by piece, `answered_as` in its own format.
"""
