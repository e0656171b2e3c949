"""The mean of two readers' weights: `python -m training.mean FIRST SECOND --out FILE`.

A reader that went on from another one knows the last lessons best; the mean keeps what the first
one knew as well and costs nothing to read (Wortsman et al. 2022, "Model soups").
"""

from __future__ import annotations

import argparse
from pathlib import Path

from newsqa.synthesis.reader import SpanNetwork
from training.export import export
from training.train import network_at


def main() -> None:
    """Parse, average, save, tell the hash."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="of the second, in [0, 1]")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    if not 0 <= options.share <= 1:
        parser.error(f"--share is {options.share}, expected 0 to 1")
    network = mean(network_at(options.first), network_at(options.second), share=options.share)
    print(f"{options.out}: SHA-256 {export(network, options.out)}")


def mean(first: SpanNetwork, second: SpanNetwork, *, share: float) -> SpanNetwork:
    """The first one, each of its weights moved towards the second's by a share."""
    other = second.state_dict()
    first.load_state_dict({
        name: weight * (1 - share) + other[name] * share if weight.is_floating_point() else weight
        for name, weight in first.state_dict().items()
    })  # fmt: skip
    return first


if __name__ == "__main__":
    main()
