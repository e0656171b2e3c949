"""Article → passages with exact places."""

from newsqa.chunking.passages import TokenCounter, context, encoder_input, passage_id, passages
from newsqa.chunking.sentences import sentence_spans

__all__ = ["TokenCounter", "context", "encoder_input", "passage_id", "passages", "sentence_spans"]
