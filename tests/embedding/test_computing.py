"""Every pass through a model is on one thread, whoever asks for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from newsqa.embedding import load_encoder
from newsqa.embedding.computing import Computing, computing
from newsqa.synthesis.reader import load_reader


def at_once(ask: Callable[[], object], askers: int = 6) -> None:
    with ThreadPoolExecutor(askers) as threads:
        for asked in [threads.submit(ask) for _ in range(askers)]:
            asked.result()


def test_all_who_ask_share_the_thread_of_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert len(seen) == 1
    assert seen.pop().startswith("newsqa-model")


def test_what_a_pass_raises_reaches_who_asked() -> None:
    def broken() -> None:
        raise ValueError("no such layer")

    with pytest.raises(ValueError, match="no such layer"):
        computing(broken)
    assert computing(lambda: 3) == 3


def test_a_pass_within_a_pass_does_not_wait_for_itself() -> None:
    assert Computing()(lambda: computing(lambda: computing(lambda: 5))) == 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_a_thread_of_its_own() -> None:
    computing(lambda: 1)
    child = os.fork()
    if child == 0:
        os._exit(computing(lambda: 7))
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7
