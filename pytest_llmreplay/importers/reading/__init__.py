"""Files that are imported, opened and read within bounds: nothing in them can harm.

`files` opens them, `bounded_json` reads JSON, `bodies` makes bodies of calls from what a log keeps
of them, `fetching` gets what a log points at.
"""
