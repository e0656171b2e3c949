"""Vectors in bfloat16 are those in float32, nearly; which is taken follows the setting."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from newsqa.config import Embedding, Precision, Reading, Settings
from newsqa.embedding import load_encoder
from newsqa.embedding.precision import LEAST_TOKENS, multiplying
from newsqa.errors import SettingsError

TEXTS = [
    f"The council of {place} voted on Monday to repair {count} bridges over the Morrow. " * 3
    for place, count in zip(
        ("Ilvane", "Weir", "Harrow", "Stoke", "Dale", "Marsh"), range(2, 8), strict=True
    )
]


def in_bfloat16(precision: Precision, tokens: int) -> bool:
    with multiplying(precision, tokens=tokens):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    return product.dtype == torch.bfloat16


@pytest.mark.parametrize(
    ("capabilities", "has_units"),
    [
        ({"avx512_bf16": True, "amx_bf16": True}, True),
        ({"avx512_bf16": False, "amx_bf16": True}, True),
        ({"avx512_bf16": True, "amx_bf16": False}, True),
        ({"avx512_bf16": True}, True),
        ({"avx512_bf16": False, "amx_bf16": False, "avx512_f": True}, False),
    ],
)
def test_auto_takes_bfloat16_where_the_processor_has_units_for_it(
    capabilities: dict[str, bool], has_units: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert in_bfloat16("auto", LEAST_TOKENS) is has_units
    assert in_bfloat16("bfloat16", LEAST_TOKENS)
    assert not in_bfloat16("float32", LEAST_TOKENS)


def test_a_processor_that_torch_does_not_describe_gets_float32(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    assert not in_bfloat16("auto", LEAST_TOKENS)
    monkeypatch.delattr(torch.cpu, "get_capabilities")
    assert not in_bfloat16("auto", LEAST_TOKENS)


@pytest.mark.parametrize("precision", ["auto", "bfloat16"])
def test_what_is_too_little_to_gain_is_not_converted(
    precision: Precision, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True})
    assert not in_bfloat16(precision, LEAST_TOKENS - 1)


def test_a_question_alone_is_exact() -> None:
    question = ["Who voted to repair the bridges?"]
    exact = load_encoder(Embedding(precision="float32")).encode(question)
    assert np.array_equal(load_encoder(Embedding(precision="bfloat16")).encode(question), exact)


def test_vectors_in_bfloat16_are_unit_rows_beside_those_in_float32() -> None:
    exact = load_encoder(Embedding(precision="float32")).encode(TEXTS)
    fast = load_encoder(Embedding(precision="bfloat16")).encode(TEXTS)
    assert fast.dtype == np.float32
    assert np.allclose(np.linalg.norm(fast, axis=1), 1, atol=1e-3)
    assert ((exact * fast).sum(axis=1) > 0.9999).all()
    assert not np.array_equal(exact, fast)


def test_another_precision_is_refused_with_those_that_are() -> None:
    for group in (Embedding, Reading):
        with pytest.raises(SettingsError, match="'auto' or 'float32' or 'bfloat16'"):
            group(precision="int4")
    assert Settings().embedding.precision == Settings().reading.precision == "auto"
