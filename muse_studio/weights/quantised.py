"""Published transformers in eight bits: which of their layers are rounded. Knows no layer's insides."""

from __future__ import annotations

from typing import TypeVar

from torch import nn

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.muse.int8 import quantise
from muse_studio.weights.amused import AmusedTransformer

LAYERS = (".to_q", ".attn1.to_k", ".attn1.to_v", ".ff.net.0.proj")
ENDS = (".to_q", ".channelwise_linear_1")
"""What reads states that were just normalised, in every step. As in our own base stage, outputs of attention and of
GELUs have outliers, which leave the rest of their row few of the eight bits: what reads those stays exact."""

Module = TypeVar("Module", bound=nn.Module)


def quantise_network(network: Module) -> Module:
    """Rounds an aMUSEd transformer in place, and gives it back. Its ends and all that is computed once stay exact.

    MuseStudioError(BAD_REQUEST) for another: nobody has looked at what of those may be rounded.
    """
    if not isinstance(network, AmusedTransformer):
        message = "int8 is for aMUSEd alone, and this is another published cascade. Choose auto, float32 or bfloat16."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
    quantise(network.get_submodule("transformer_layers"), LAYERS)
    for name in ("down_block", "up_block"):
        quantise(network.get_submodule(name), ENDS)
    return network
