"""Record LLM calls in pytest, play them back, replay them against another model."""
