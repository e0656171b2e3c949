"""Hits → a cited answer."""

from newsqa.synthesis.answering import answer_from
from newsqa.synthesis.choosing import choose_from, stands_for_none
from newsqa.synthesis.finding import Finding, find, is_account
from newsqa.synthesis.generate import written
from newsqa.synthesis.reading import Reader
from newsqa.synthesis.rewording import proposer
from newsqa.synthesis.support import Entails, Judge
from newsqa.synthesis.telling import told, told_article, told_hits
from newsqa.synthesis.writing import Prompt, Writer, WritingFailed

__all__ = [
    "Entails",
    "Finding",
    "Judge",
    "Prompt",
    "Reader",
    "Writer",
    "WritingFailed",
    "answer_from",
    "choose_from",
    "find",
    "is_account",
    "proposer",
    "stands_for_none",
    "told",
    "told_article",
    "told_hits",
    "written",
]
