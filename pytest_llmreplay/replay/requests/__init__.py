"""From a recorded event to the request that is sent.

`request` makes it: as recorded but for what a person changed, with the path and headers of
`request_head`, or by `writing` it in the format in which the target is `spoken` to.
"""
