"""Texts → unit vectors."""

from newsqa.embedding.encoder import Encoder, SentenceEncoder, Vectors, load_encoder
from newsqa.embedding.hashing import HashingEncoder

__all__ = ["Encoder", "HashingEncoder", "SentenceEncoder", "Vectors", "load_encoder"]
