"""What every test stands on: no network by accident, nothing of this machine's user."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from newsqa.embedding import Encoder

ENVIRONMENT = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "LANGSMITH_TRACING": "false",
    "NO_COLOR": "1",
    "TERM": "dumb",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_OFFLINE": "1",
    "TZ": "UTC",
}
# Libraries read some of these once, when first imported, which collecting tests may do.
os.environ.update(ENVIRONMENT)
# Timing belongs in a benchmark.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
for name in ("COLUMNS", "FORCE_COLOR", "CLICOLOR_FORCE"):
    os.environ.pop(name, None)


@pytest.fixture(autouse=True)
def isolated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A home of its own and the known environment; what a test sets is gone after it."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        for name in [name for name in os.environ if name.startswith("NEWSQA_")]:
            patch.delenv(name)
        patch.setenv("HOME", str(home))
        for name, folder in (
            ("XDG_CACHE_HOME", ".cache"),
            ("XDG_CONFIG_HOME", ".config"),
            ("XDG_DATA_HOME", ".local/share"),
        ):
            patch.setenv(name, str(home / folder))
        yield


@pytest.fixture(scope="session")
def real_encoder() -> Encoder:
    """The bundled model, loaded once for the whole run, and shared with the pipeline's own."""
    from newsqa.config import Embedding
    from newsqa.models import encoder

    return encoder(Embedding())
