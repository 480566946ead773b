"""Tools, in words that several formats share.

`arguments` of a call as text, `schemas` of its parameters, `choices` of a tool and tools that a
provider hosts, `custom_tools` that take any text, and the `web_search`.
"""
