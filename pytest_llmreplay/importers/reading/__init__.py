"""Files that are imported, opened and read within bounds: nothing in them can harm.

`files` opens them, `json_pieces` tells the values of a long JSON text apart, `bounded_json` reads
one, `bodies` makes bodies of calls from what a log keeps of them, `fetching` gets what a log points
at.
"""
