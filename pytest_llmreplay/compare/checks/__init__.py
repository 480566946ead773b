"""The checks: one per file, each a frozen dataclass that fulfils `compare.check.Check`."""
