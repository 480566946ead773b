"""Takes secrets and personal data out of what is about to be written.

`redactor` does it for calls, `value_redaction` for what stands in them. Secrets are known by the
`secret_names` of their fields and by the `secret_shapes` of the `secret_table`; `secret_scan` is
the last look. Personal data is found by `rules` of the user: kinds with a shape (`personal`) and
functions (`own_data`), which `user_spans` joins; `placeholders` stand in its place, `spans` are
the stretches of text.

The first look is a `cheap_look`. Streams are redacted by `stream_redaction`, over `open_frames`.
`kept_headers` says which headers stay at all.
"""
