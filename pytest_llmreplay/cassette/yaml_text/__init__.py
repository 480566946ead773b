"""Text to values and back: YAML with the meaning of JSON.

`scan` refuses what no cassette may hold, `reader` decides what a text means, with `builder`, and
`fastread` reads only what `emitter` writes, ten times faster, with `fast_flow` and `fast_scalar`.
`characters` names what may not stand raw, `depth` what is nested too deep, `fields` checks members
as they are taken, `yaml_place` finds the field of an offset. `foreign_yaml` reads other people's
files.
"""
