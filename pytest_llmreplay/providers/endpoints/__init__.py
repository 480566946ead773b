"""Who the providers are: their hosts, paths, formats and keys.

`table` has a `provider` a row, `lookup` finds one by its name, a host or a model. `routes` tells
which paths belong to which format, `calls` what an LLM call is. `cloud_addresses` and
`cloud_formats` are those of the clouds that serve models of many makers, `base_urls` those in the
environment.
"""
