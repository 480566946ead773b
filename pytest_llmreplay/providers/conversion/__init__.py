"""From the format of a recording to the format of its target.

`convert` writes the request; `losses` counts what is lost, added and changed, and `policy` says
what is done about it. `attachments`, `reasoning` and `state` are media, thinking and everything
without a neutral field, on their way.
"""
