"""Hits → a cited answer."""

from newsqa.synthesis.answering import answer_from
from newsqa.synthesis.choosing import choose_from, stands_for_none
from newsqa.synthesis.reading import Reader

__all__ = ["Reader", "answer_from", "choose_from", "stands_for_none"]
