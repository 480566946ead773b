"""Other people's logs → cassettes, one source per file.

* `source`: what an importer is, and what it finds; `registry`: the importers by name.
* `reading`: files within bounds, line by line, gzip or not.

A source says what it found in a file and never loads a whole log. It redacts nothing, sorts
nothing and writes nothing.
"""
