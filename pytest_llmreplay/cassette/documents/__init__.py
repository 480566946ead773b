"""The documents of a cassette: its header, its events, its accepted answers.

`index` finds them in the bytes of a file, `sections` reads their top-level keys one by one. `wire`
makes requests and answers of them; `document`, `accepted` and `header` are the kinds of documents,
and `layout` writes the text of one. `like` tells a request by an earlier one and `whole_requests`
puts it together again; `answer` tells a stream in words, `edited` plays one that a person wrote.
"""
