"""Wire format ⇄ event: one package per API format, one Protocol, one table of providers.

* `api`: the Protocol `ApiFormat` that each format fulfils; `wire_format`: what they do alike,
  `openai_format` and `google_format` what those of OpenAI and of Google do.
* `registry`: the formats by name, and whose call a request is; `other` decodes everything else.
* `endpoints`: who the providers are, which paths speak which format, what an LLM call is.
* Formats are made of `fields`, `json_values`, `media`, `answers`, `conversations`, `streams`,
  `deltas` and `tools`.
* Between formats: `conversion` of requests, `retelling` of answers, and `editing` of bodies.
* `prompted`: what models answer that continue a prompt, for `invoke` and `cohere_v1`;
  `bedrock_counts`: tokens that only Bedrock tells.
* All other packages are a format each: `chat_completions`, `responses`, `messages` …

Only standard library; nothing here opens a socket or a file.
"""
