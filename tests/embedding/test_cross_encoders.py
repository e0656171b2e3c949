"""Models by name that read two texts together: for ranking and for entailment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from sentence_transformers import CrossEncoder
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

from newsqa.embedding import load_cross_encoder, load_entailment
from newsqa.embedding.bundled import bundled_folder
from newsqa.embedding.computing import WIDTHS
from newsqa.embedding.quiet import without_progress_bars
from newsqa.errors import EncoderError

QUESTION = "Who led the rescue?"
TEXTS = ["Mayor Ada Quill led it.", "The water rose. " * 20, "", "Nobody was hurt on Monday."]
THREE = {0: "contradiction", 1: "Entailment", 2: "neutral"}

Model = Callable[..., str]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Makes a tiny one with so many labels and such a window, as the library saves it."""

    def make(labels: dict[int, str], *, window: int = 64) -> str:
        folder = tmp_path_factory.mktemp("pairs") / "model"
        with torch.random.fork_rng(), without_progress_bars():
            torch.manual_seed(0)
            tokenizer = AutoTokenizer.from_pretrained(bundled_folder())
            tokenizer.model_max_length = window
            config = BertConfig(
                vocab_size=tokenizer.vocab_size,
                hidden_size=16,
                num_hidden_layers=1,
                num_attention_heads=2,
                intermediate_size=32,
                max_position_embeddings=window,
                initializer_range=0.5,
                id2label=labels,
                label2id={name: at for at, name in labels.items()},
            )
            BertForSequenceClassification(config).save_pretrained(folder)
            tokenizer.save_pretrained(folder)
        return str(folder)

    return make


@contextmanager
def widths_seen() -> Iterator[list[int]]:
    """Of every batch that such a model reads meanwhile."""
    widths: list[int] = []
    forward = BertForSequenceClassification.forward

    def watched(self: BertForSequenceClassification, *args: object, **given: object) -> object:
        ids = given["input_ids"]
        assert isinstance(ids, torch.Tensor)
        widths.append(ids.shape[1])
        return forward(self, *args, **given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BertForSequenceClassification, "forward", watched)
        yield widths


def test_a_score_for_each_text_in_order(model: Model) -> None:
    scores = load_cross_encoder(model({0: "score"}))
    together = scores(QUESTION, TEXTS)
    assert len(set(together)) == len(TEXTS)
    assert together == pytest.approx([scores(QUESTION, [text])[0] for text in TEXTS], abs=1e-4)
    assert scores(QUESTION, []) == []


@pytest.mark.parametrize("window", [64, 60])
def test_few_widths_are_read_and_none_beyond_the_window(model: Model, window: int) -> None:
    scores = load_cross_encoder(model({0: "score"}, window=window))
    entails = load_entailment(model(THREE, window=window))
    with widths_seen() as widths:
        for words in range(1, 90, 6):
            scores(QUESTION, ["water " * words])
            entails("water " * words, "The water rose.")
    assert len(widths) == 2 * len(range(1, 90, 6))
    assert max(widths) == window
    if window % WIDTHS == 0:
        assert {width % WIDTHS for width in widths} == {0}


def test_entailment_is_a_probability_by_the_label_s_name(model: Model) -> None:
    by_name = [
        load_entailment(model(labels))("The river rose by six metres.", "The river rose.")
        for labels in (THREE, {0: "entailment", 1: "neutral", 2: "contradiction"})
    ]
    # The same weights: what differs is which of their three outcomes is meant.
    assert all(0 < each < 1 for each in by_name)
    assert by_name[0] != pytest.approx(by_name[1], abs=1e-3)


def test_what_does_not_fit_is_refused_with_what_would(model: Model, tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="3 scores a pair, expected one"):
        load_cross_encoder(model(THREE))
    with pytest.raises(EncoderError, match="expected one called entailment"):
        load_entailment(model({0: "yes", 1: "no"}))
    for load in (load_cross_encoder, load_entailment):
        with pytest.raises(EncoderError, match="can't be loaded"):
            load(str(tmp_path / "nothing"))


def test_a_release_that_pads_as_it_likes_is_let(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict = CrossEncoder.predict
    known = load_cross_encoder(model({0: "score"}))(QUESTION, TEXTS)

    def older(self: CrossEncoder, inputs: list[tuple[str, str]], *, show_progress_bar: bool):
        return predict(self, inputs, show_progress_bar=show_progress_bar)

    monkeypatch.setattr(CrossEncoder, "predict", older)
    assert load_cross_encoder(model({0: "score"}))(QUESTION, TEXTS) == pytest.approx(known)
    assert 0 < load_entailment(model(THREE))("The river rose.", "It rose.") < 1
