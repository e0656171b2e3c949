"""The real encoder, loaded once for the whole run."""

from __future__ import annotations

import pytest

from newsqa.config import Embedding
from newsqa.embedding import Encoder
from newsqa.pipeline import _cached_encoder


@pytest.fixture(scope="session")
def real_encoder() -> Encoder:
    return _cached_encoder(Embedding())
