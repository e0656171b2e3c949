"""The encoder of the tests keeps the promises of a real one."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from newsqa.embedding import HashingEncoder


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(st.text(max_size=30), max_size=6))
def test_unit_rows_in_order_the_same_alone_or_together(texts: list[str]) -> None:
    encoder = HashingEncoder(16)
    vectors = encoder.encode(texts)
    assert vectors.shape == (len(texts), 16)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    for text, vector in zip(texts, vectors, strict=True):
        assert np.array_equal(HashingEncoder(16).encode([text])[0], vector)
    assert len(encoder.count_tokens(texts)) == len(texts)


def test_another_dimension_is_another_encoder() -> None:
    assert HashingEncoder(16).fingerprint != HashingEncoder(32).fingerprint
    assert HashingEncoder(16).fingerprint == HashingEncoder(16).fingerprint


def test_texts_with_common_words_are_nearer() -> None:
    one, near, far = HashingEncoder(64).encode(
        ["the river burst its banks", "the river left its banks", "shares fell again today"]
    )
    assert one @ near > one @ far + 0.3
