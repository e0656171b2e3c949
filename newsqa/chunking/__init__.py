"""Article → passages with exact places."""

from newsqa.chunking.passages import TokenCounter, context, encoder_input, passages
from newsqa.chunking.sentences import sentence_spans

__all__ = ["TokenCounter", "context", "encoder_input", "passages", "sentence_spans"]
