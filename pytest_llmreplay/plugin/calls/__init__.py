"""The calls of a replay: planned, announced, begun, waited for.

`sending` begins them, `plan` is what is said before the first, `spending` their money, `waiting`
says what a target makes a run wait for. `sampling` asks for several answers, `free_running` for
those of a session in turn; `free_sessions` is what was said there.
"""
