"""A cross-encoder for entailment by name: does one text follow from another?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from newsqa.embedding.computing import computing, padding
from newsqa.embedding.quiet import quiet, without_progress_bars
from newsqa.errors import EncoderError


def load_entailment(name: str) -> Callable[[str, str], float]:
    """A function from evidence and a sentence to the probability, [0, 1], that it follows.

    `name` is a folder or the name of a model on a hub, for the CPU, one of whose labels is called
    "entailment".  Raises EncoderError where it can't be loaded or has no such label.
    """
    from sentence_transformers import CrossEncoder

    try:
        with quiet("sentence_transformers", "transformers"), without_progress_bars():
            model = CrossEncoder(name, device="cpu", trust_remote_code=False)
    except Exception as error:
        raise EncoderError(
            f"the entailment model {name!r} can't be loaded ({error}): expected a folder or the "
            "name of a sequence classification model on a hub"
        ) from error
    labels = {str(label).lower(): int(at) for at, label in model.config.id2label.items()}
    if "entailment" not in labels:
        raise EncoderError(
            f"the entailment model {name!r} has the labels {', '.join(sorted(labels))}, expected "
            "one called entailment: name a model that was trained on natural language inference"
        )
    wanted = labels["entailment"]
    options = padding(
        getattr(model, "max_seq_length", None),
        partial(model.predict, [("a", "b")], show_progress_bar=False),
    )
    # The tokenizer keeps its padding and truncation as state that a call changes.
    lock = threading.Lock()

    def predict(evidence: str, sentence: str) -> Any:
        with lock:
            return model.predict([(evidence, sentence)], show_progress_bar=False, **options)[0]

    def entails(evidence: str, sentence: str) -> float:
        logits = computing(partial(predict, evidence, sentence))
        odds = np.exp(logits - np.max(logits))
        return float(odds[wanted] / odds.sum())

    return entails
