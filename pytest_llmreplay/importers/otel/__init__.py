"""Spans of the OpenTelemetry GenAI conventions, in their new and their older spellings.

* `otlp` reads the JSON of OTLP, `phoenix` that of Arize Phoenix, `jaeger` that of Jaeger;
  `attributes` tells flat names as objects, `listed` the events that an attribute lists.
* `content` finds what was asked and answered on a span; `call` puts its call together.
* `source` is the importer.
"""
