"""A reader with more layers than the one it starts from, that reads nearly as that one does.

Behind a layer goes a copy of it that adds nothing yet: the weights by which it adds to a token's
state are zero, and its normalisations give back the mean and the spread that states have behind the
layer, of all tokens the same (after Chen et al. 2016, "Net2Net"; Chen et al. 2022, "bert2BERT").
Where the copy looks is where the layer looked, so that training finds a use for it soon.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from transformers import BertConfig

from newsqa.synthesis.reader import SpanNetwork
from training.train import without_dropout

LAYERS = "encoder.encoder.layer."
ADDING = "attention.output.dense", "output.dense"
NORMAL = "attention.output.LayerNorm", "output.LayerNorm"


def deeper(network: SpanNetwork, layers: int) -> SpanNetwork:
    """A network of so many layers, the new ones spread evenly; of as many it is a copy.

    Raises ValueError where that is fewer than it has, or more than twice as many.
    """
    config = network.encoder.config
    had = config.num_hidden_layers
    if not had <= layers <= 2 * had:
        raise ValueError(f"{layers} layers asked for, expected {had} to {2 * had}")
    known = network.state_dict()
    copied = {at * had // (layers - had) for at in range(layers - had)}
    found = {name: value for name, value in known.items() if not name.startswith(LAYERS)}
    place = 0
    for at in range(had):
        own = _layer(known, at)
        found |= _named(own, place)
        place += 1
        if at in copied:
            found |= _named(_adding_nothing(own), place)
            place += 1
    made = SpanNetwork(
        without_dropout(BertConfig(**{**config.to_dict(), "num_hidden_layers": layers}))
    )
    made.load_state_dict(found)
    return made


def _layer(known: Mapping[str, torch.Tensor], at: int) -> dict[str, torch.Tensor]:
    start = f"{LAYERS}{at}."
    return {n.removeprefix(start): v for n, v in known.items() if n.startswith(start)}


def _named(layer: Mapping[str, torch.Tensor], at: int) -> dict[str, torch.Tensor]:
    return {f"{LAYERS}{at}.{name}": value for name, value in layer.items()}


def _adding_nothing(layer: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    made = {name: value.clone() for name, value in layer.items()}
    for name in ADDING:
        made[f"{name}.weight"].zero_()
        made[f"{name}.bias"].zero_()
    # A state is gain * n + bias, n of mean 0 and variance 1: these are about its mean and spread.
    gain, bias = layer[f"{NORMAL[1]}.weight"], layer[f"{NORMAL[1]}.bias"]
    spread = (gain.square().mean() + bias.var(correction=0)).sqrt()
    for name in NORMAL:
        made[f"{name}.weight"].fill_(float(spread))
        made[f"{name}.bias"].fill_(float(bias.mean()))
    return made
