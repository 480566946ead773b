"""What two stored runs say to the same events.

`moved` pairs their results, `over_both` does so for checks over sessions and the run; `as_lines`
shows them on the screen, `as_json` to a program.
"""
