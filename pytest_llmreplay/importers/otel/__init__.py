"""Spans of the OpenTelemetry GenAI conventions, in their new and their older spellings.

* `otlp` reads the JSON of OTLP, `phoenix` that of Arize Phoenix, `jaeger` that of Jaeger,
  `tempo` what Grafana Tempo has otherwise.
* `content` finds what was asked and answered on a span: in `messages` that its attributes tell
  flat, in `message_events`, or in the `google_events` of Google's SDK. `offered_tools` finds the
  tools, `measured` what was counted; `call` puts its call together.
* `source` is the importer.
"""
