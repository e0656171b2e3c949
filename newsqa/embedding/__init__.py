"""Texts → unit vectors."""

from newsqa.embedding.cross_encoder import load_cross_encoder
from newsqa.embedding.encoder import Encoder, SentenceEncoder, Vectors, load_encoder
from newsqa.embedding.entailment import load_entailment
from newsqa.embedding.hashing import HashingEncoder

__all__ = [
    "Encoder",
    "HashingEncoder",
    "SentenceEncoder",
    "Vectors",
    "load_cross_encoder",
    "load_encoder",
    "load_entailment",
]
