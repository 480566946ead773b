"""Named sets of changes to the requests of a replay.

`variant` is one of them, `edit` what it changes; `rules` reads them from a config file, `prompts`
makes them of the versions of prompts, `variants` knows all there are, and which are meant, `used`
which of their rules are for any event.
"""
