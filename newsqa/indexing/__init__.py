"""Passages and vectors ↔ an index directory: one truth, and what is derived from it."""

from newsqa.indexing.committing import Entry
from newsqa.indexing.index import Index
from newsqa.indexing.snapshot import Filter, Scored, View
from newsqa.indexing.store import vector_key
from newsqa.indexing.writing import Writer

__all__ = ["Entry", "Filter", "Index", "Scored", "View", "Writer", "vector_key"]
