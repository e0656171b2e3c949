"""Question → hits."""

from newsqa.retrieval.copies import printed_elsewhere
from newsqa.retrieval.followups import stands_alone
from newsqa.retrieval.rerank import Ranker, by_cross_encoder, by_signals
from newsqa.retrieval.search import filter_of, search
from newsqa.retrieval.understand import Moment, Propose, in_archive, inferences, understand

__all__ = [
    "Moment",
    "Propose",
    "Ranker",
    "by_cross_encoder",
    "by_signals",
    "filter_of",
    "in_archive",
    "inferences",
    "printed_elsewhere",
    "search",
    "stands_alone",
    "understand",
]
