"""Wire format ⇄ event: one file or package per API format, one Protocol, one table of providers.

* `api`: the Protocol `ApiFormat` that each format fulfils; `wire_format`: what they do alike.
* `routes`, `table`, `calls`: which paths speak which format, who serves them, what an LLM call is.
* `registry`: the formats by name, and whose call a request is.
* `sse`, `lines`, `aws_frames`, `pieces`, `splitter`: what streams are made of; `growing` and
  `named_events` put them together.
* `fields`, `answers`, `counts`, `endings`, `media`, `writing`, `words`: what formats share.
* a module or package for each format; `other` decodes everything else.

Only standard library; nothing here opens a socket or a file.
"""
