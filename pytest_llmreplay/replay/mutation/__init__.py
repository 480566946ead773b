"""Which faults a set of checks would miss: `trying` tries them, `score` is what came of it."""
