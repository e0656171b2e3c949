"""Hits → a cited answer."""

from newsqa.synthesis.answering import answer_from

__all__ = ["answer_from"]
