"""Answers of a stored run on their way into the cassettes.

`accepting` stores them beside the recordings, `promoting` makes recordings of them; `spared` events
had no need to be asked.
"""
