"""What a replay can be sent to, and the one endpoint of a call.

`target` reads the names that `--llm-model` takes, `base_urls` and `allowed` say where a name may
lead, `endpoints` joins it with the key, `made_clients` are clients of users.
"""
