"""Calls of W&B Weave: `call` knows what one means; `source` is the importer."""
