"""What is said of cassettes and recordings.

* A call that its cassette does not hold: `misses` finds out what can be said (`miss_view`), and
  `miss_text` says it.
* `recording`: what was kept and what nobody played; `notices`: all of it, at the end of a run.
* `inventory` lists what there is, `event_diff` compares two recordings of a step, `checked` and
  `imported` say what `check` and `import` did.
"""
