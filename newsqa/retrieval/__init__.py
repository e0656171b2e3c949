"""Question → hits."""

from newsqa.retrieval.search import search
from newsqa.retrieval.understand import Moment, understand

__all__ = ["Moment", "search", "understand"]
