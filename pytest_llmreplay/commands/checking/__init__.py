"""What `pytest-llmreplay check` looks for, one kind of finding in each module.

* `finding`: what is said of one place; `places`: which cassettes are looked at.
* `damage`, `outdated`, `secrets`, `unseen`, `orphans`, `leftovers`: what may be wrong.
* `changes`, `revision`: what is new since a revision of git.
* `mending`: what can be put right without losing anything.
"""
