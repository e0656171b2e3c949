"""A cross-encoder by name: question and passage read together, for ranking."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from newsqa.embedding.computing import computing, padding
from newsqa.embedding.quiet import quiet, without_progress_bars
from newsqa.errors import EncoderError

BATCH = 16
"""Pairs that are read at once."""


def load_cross_encoder(name: str) -> Callable[[str, Sequence[str]], list[float]]:
    """A function from a question and texts to a score each, higher is better.

    `name` is a folder or the name of a model on a hub, for the CPU.  Raises EncoderError where
    it can't be loaded.
    """
    from sentence_transformers import CrossEncoder

    try:
        with quiet("sentence_transformers", "transformers"), without_progress_bars():
            model = CrossEncoder(name, device="cpu", trust_remote_code=False)
    except Exception as error:
        raise EncoderError(
            f"the cross-encoder {name!r} can't be loaded ({error}): expected a folder or the name "
            "of a sequence classification model on a hub"
        ) from error

    if model.num_labels != 1:
        raise EncoderError(
            f"the cross-encoder {name!r} gives {model.num_labels} scores a pair, expected one: "
            "name a model for ranking"
        )
    options = padding(
        getattr(model, "max_seq_length", None),
        partial(model.predict, [("a", "b")], show_progress_bar=False),
    )
    # The tokenizer keeps its padding and truncation as state that a call changes.
    lock = threading.Lock()

    def predict(pairs: list[tuple[str, str]]) -> list[float]:
        with lock:
            found = model.predict(pairs, show_progress_bar=False, **options)
        return [float(score) for score in np.nan_to_num(found, nan=-np.inf)]

    def scores(question: str, texts: Sequence[str]) -> list[float]:
        pairs = [(question, text) for text in texts]
        batches = (pairs[at : at + BATCH] for at in range(0, len(pairs), BATCH))
        return [score for batch in batches for score in computing(partial(predict, batch))]

    return scores
