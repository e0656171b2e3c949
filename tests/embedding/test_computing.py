"""Every pass through a model is on one of two threads, whoever asks for it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from newsqa.embedding import SentenceEncoder, load_encoder
from newsqa.embedding.computing import THREADS, WIDTHS, Computing, computing
from newsqa.synthesis.reader import load_reader


def at_once(ask: Callable[[], object], askers: int = 6) -> None:
    with ThreadPoolExecutor(askers) as threads:
        for asked in [threads.submit(ask) for _ in range(askers)]:
            asked.result()


def test_all_who_ask_share_the_threads_of_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[str] = set()
    plain = torch.nn.Linear.forward

    def noted(self: torch.nn.Linear, given: torch.Tensor) -> torch.Tensor:
        seen.add(threading.current_thread().name)
        return plain(self, given)

    encoder, reader = load_encoder(), load_reader()
    assert reader is not None
    monkeypatch.setattr(torch.nn.Linear, "forward", noted)
    at_once(lambda: encoder.encode(["Who closed the bridge?"]))
    at_once(lambda: reader.read("Who closed the bridge?", [("", "Ines Vega closed the bridge.")]))
    assert 1 <= len(seen) <= THREADS
    assert all(name.startswith("newsqa-model") for name in seen)


def test_shapes_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[int] = set()
    plain = torch.nn.Linear.forward

    def noted(self: torch.nn.Linear, given: torch.Tensor) -> torch.Tensor:
        if given.dim() == 3:
            seen.add(given.shape[1])
        return plain(self, given)

    encoder, reader = load_encoder(), load_reader()
    assert reader is not None
    monkeypatch.setattr(torch.nn.Linear, "forward", noted)
    for words in range(1, 60):
        encoder.encode(["ferry " * words])
        reader.read("Who sank it?", [("", "ferry " * words)])
    assert seen <= set(range(WIDTHS, 96, WIDTHS))


def test_what_a_pass_raises_reaches_who_asked() -> None:
    def broken() -> None:
        raise ValueError("no such layer")

    with pytest.raises(ValueError, match="no such layer"):
        computing(broken)
    assert computing(lambda: 3) == 3


def test_a_pass_within_a_pass_does_not_wait_for_itself() -> None:
    compute = Computing()
    nested = [lambda: compute(lambda: compute(lambda: 5))] * (3 * THREADS)
    with ThreadPoolExecutor(len(nested)) as threads:
        assert list(threads.map(compute, nested)) == [5] * len(nested)


def test_who_asks_after_the_main_thread_has_ended_is_answered() -> None:
    script = """
import threading, time
from newsqa.embedding.computing import computing

def late():
    threading.main_thread().join()
    time.sleep(0.2)
    print(computing(lambda: 9))

computing(lambda: 1)
threading.Thread(target=late).start()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120
    )
    assert (done.stdout.strip(), done.returncode) == ("9", 0), done.stderr


def test_a_pass_is_spread_as_whoever_asks_has_it() -> None:
    before = torch.get_num_threads()
    try:
        for spread in (1, 2, 1):
            torch.set_num_threads(spread)
            assert computing(torch.get_num_threads) == spread
    finally:
        torch.set_num_threads(before)


def test_a_question_stays_on_one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    encoder = load_encoder()
    plain = torch.nn.Linear.forward

    def noted(self: torch.nn.Linear, given: torch.Tensor) -> torch.Tensor:
        seen.append(torch.get_num_threads())
        return plain(self, given)

    monkeypatch.setattr(torch.nn.Linear, "forward", noted)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        for texts, spread in (
            (["Who closed the bridge?"], 1),
            (["Who closed the bridge? " * 10] * 8, 2),
            (["Who closed the bridge?"], 1),
        ):
            seen.clear()
            encoder.encode(texts)
            assert set(seen) == {spread}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("window", [100, 256])
def test_a_model_with_a_window_of_its_own_encodes(window: int) -> None:
    model = load_encoder()._model
    model[0].processing_kwargs = {"text": {"max_length": window}}
    encoder = SentenceEncoder(model, name="own", fingerprint="0", batch_size=4)
    assert encoder.encode(["ferry " * 300, "ferry"]).shape == (2, encoder.dimension)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own() -> None:
    computing(lambda: 1)
    child = os.fork()
    if child == 0:
        os._exit(computing(lambda: 7))
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7
