"""Spans of the OpenTelemetry GenAI conventions, in their new and their older spellings.

* `otlp` reads the JSON of OTLP, `phoenix` that of Arize Phoenix, `jaeger` that of Jaeger;
  `attributes` tells flat names as objects, `listed` the events that an attribute lists.
* `content` finds what was asked and answered on a span, `google_events` where Google's SDK told
  it; `call` puts its call together, `measured` what was counted.
* `source` is the importer.
"""
