"""The mean of two readers' weights: `python -m training.mean FIRST SECOND --out FILE`.

A reader that went on from another one knows the last lessons best; the mean keeps what the first
one knew as well and costs nothing to read (Wortsman et al. 2022, "Model soups").  Where the second
got more layers, in one step, so does the first, to which they add nothing.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from newsqa.synthesis.reader import SpanNetwork
from training.deeper import deeper
from training.export import EIGHT_BIT, export, shape
from training.train import network_at


def main() -> None:
    """Parse, average, save, tell the hash."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="of the second, in [0, 1]")
    parser.add_argument(
        "--eight-bit", choices=EIGHT_BIT, default="embeddings", help="which matrices are int8"
    )
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    if not 0 <= options.share <= 1:
        parser.error(f"--share is {options.share}, expected 0 to 1")
    first, second = network_at(options.first), network_at(options.second)
    shapes = [shape(network) for network in (first, second)]
    had, layers = (each.pop("num_hidden_layers") for each in shapes)
    if shapes[0] != shapes[1] or not had <= layers <= 2 * had:
        parser.error(
            f"{options.first} has {had} layers and {options.second} {layers}: expected as many, or "
            "up to twice as many, and the same shape else"
        )
    first = deeper(first, layers)
    network = mean(first, second, share=options.share)
    exported = export(network, options.out, eight_bit=options.eight_bit)
    print(f"{options.out}: SHA-256 {exported}")


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
