"""What the words of a check are made of.

A `budget`, as in `<=1.3x`; a `bad_spec` is one that cannot be read. `surroundings` are what checks
refer to that is not written in them.
"""
