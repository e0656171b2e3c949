"""Question → hits."""

from newsqa.retrieval.search import filter_of, search
from newsqa.retrieval.understand import Moment, understand, with_hints

__all__ = ["Moment", "filter_of", "search", "understand", "with_hints"]
