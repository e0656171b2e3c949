"""Keeping an index up with folders, files and addresses as they change."""

from newsqa.watching.events import Event
from newsqa.watching.running import Watch

__all__ = ["Event", "Watch"]
