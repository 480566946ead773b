"""Events as tests write them."""

from compared_events import event

__all__ = ["event"]
