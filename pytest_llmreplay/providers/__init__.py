"""Wire format ⇄ event: one file or package per API format, one Protocol, one table of providers.

* `api`: the Protocol `ApiFormat` that each format fulfils.
* `routes`, `table`, `calls`: which paths speak which format, who serves them, what an LLM call is.
* `registry`: the formats by name, and whose call a request is.
* `sse`, `lines`, `pieces`: what streams are made of.
* `fields`, `answers`, `media`, `writing`: what formats share.
* `chat_completions`, `messages`, `ollama`, `cohere_chat`: the formats; `other` is the decoder of
  everything else.

Only standard library; nothing here opens a socket or a file.
"""
