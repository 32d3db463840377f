"""Meissonic's transformer once more, slowly: from the description of the published model and not from our code.

One picture at a time, numpy float64, loops over positions, heads and squares; a pair of rotated numbers is one complex
number. Weights come by the names of the published files.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Place = tuple[int, int, int]
"""Where a token stands on the three axes."""


class SlowMeissonic:
    """logits of one picture, from a config.json and tensors by name."""

    def __init__(self, config: Mapping[str, Any], tensors: Mapping[str, Floats]) -> None:
        self.config = config
        self.tensors = tensors
        self.width = config["attention_head_dim"]
        self.heads = config["num_attention_heads"]

    def logits(
        self, tokens: NDArray[np.int64], states: Floats, pooled: Floats, micro: list[float], steps_left: int
    ) -> Floats:
        """[h, w, codes] of tokens [h, w], text states [T, n], pooled text [m], five numbers and a count of steps."""
        image = self.embedded(tokens)
        if self.config["downsample"]:
            image = self.folded(image)
        rows, columns = image.shape[:2]
        places = [(0, 0, 0)] * len(states)
        places += [(0, row, column) for row in range(rows) for column in range(columns)]
        flat = image.reshape(rows * columns, -1)
        flat = self.linear("project_to_hidden", self.rms("project_to_hidden_norm", flat))
        text = self.rms("encoder_proj_layer_norm", self.linear("context_embedder", states))
        flat = self.through_blocks(text, flat, self.description(pooled, micro, steps_left), places)
        flat = self.linear("project_from_hidden", self.rms("project_from_hidden_norm", flat))
        image = flat.reshape(rows, columns, -1)
        if self.config["upsample"]:
            image = self.unfolded(image)
        image = image[: tokens.shape[0], : tokens.shape[1]]
        inner = self.rms("mlm_layer.layer_norm", self.linear("mlm_layer.conv1", image))
        return self.linear("mlm_layer.conv2", inner)

    def linear(self, name: str, x: Floats) -> Floats:
        weight = self.tensors[f"{name}.weight"]
        out = x @ weight.reshape(weight.shape[0], weight.shape[1]).T
        return out + self.tensors[f"{name}.bias"] if f"{name}.bias" in self.tensors else out

    def rms(self, name: str, x: Floats) -> Floats:
        return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-6) * self.tensors[f"{name}.weight"]

    def embedded(self, tokens: NDArray[np.int64]) -> Floats:
        table = self.tensors["embed.embeddings.weight"]
        return self.linear("embed.conv", self.rms("embed.layer_norm", table[tokens]))

    def folded(self, image: Floats) -> Floats:
        """Each square of four states becomes one; past an edge there are zeros."""
        image = self.rms("down_block.downsample.norm", image)
        weight = self.tensors["down_block.downsample.conv.weight"]
        height, width, channels = image.shape
        out = np.zeros(((height + 1) // 2, (width + 1) // 2, channels))
        for row in range(height):
            for column in range(width):
                out[row // 2, column // 2] += weight[:, :, row % 2, column % 2] @ image[row, column]
        return out

    def unfolded(self, image: Floats) -> Floats:
        image = self.rms("up_block.upsample.norm", image)
        weight = self.tensors["up_block.upsample.conv.weight"]
        height, width, channels = image.shape
        out = np.zeros((2 * height, 2 * width, channels))
        for row in range(2 * height):
            for column in range(2 * width):
                out[row, column] = image[row // 2, column // 2] @ weight[:, :, row % 2, column % 2]
        return out

    def two_layers(self, name: str, x: Floats) -> Floats:
        return self.linear(f"{name}.linear_2", silu(self.linear(f"{name}.linear_1", x)))

    def description(self, pooled: Floats, micro: list[float], steps_left: int) -> Floats:
        """The vector that modulates every block."""
        numbers = np.concatenate([pooled, *(waves(number) for number in micro)])
        picture = self.two_layers("time_text_embed.text_embedder", self.two_layers("cond_embed", numbers))
        return picture + self.two_layers("time_text_embed.timestep_embedder", waves(1000.0 * steps_left))

    def through_blocks(self, text: Floats, image: Floats, vector: Floats, places: list[Place]) -> Floats:
        for index in range(self.config["num_layers"]):
            text, image = self.double(f"transformer_blocks.{index}", text, image, vector, places)
        both = np.concatenate([text, image])
        for index in range(self.config["num_single_layers"]):
            both = self.single(f"single_transformer_blocks.{index}", both, vector, places)
        return both[len(text) :]

    def double(
        self, name: str, text: Floats, image: Floats, vector: Floats, places: list[Place]
    ) -> tuple[Floats, Floats]:
        own = list(self.modulation(f"{name}.norm1", vector, 6))
        texts = list(self.modulation(f"{name}.norm1_context", vector, 6))
        seen, seen_text = plain_norm(image) * (1 + own[1]) + own[0], plain_norm(text) * (1 + texts[1]) + texts[0]
        of_text = self.queries_keys_values(name, seen_text, "add_{}_proj", "norm_added_{}")
        of_image = self.queries_keys_values(name, seen, "to_{}", "norm_{}")
        joined = [np.concatenate(pair) for pair in zip(of_text, of_image, strict=True)]
        taken = self.attention(joined[0], joined[1], joined[2], places)
        text = text + texts[2] * self.linear(f"{name}.attn.to_add_out", taken[: len(text)])
        image = image + own[2] * self.linear(f"{name}.attn.to_out.0", taken[len(text) :])
        text = text + texts[5] * self.fed(f"{name}.ff_context", plain_norm(text) * (1 + texts[4]) + texts[3])
        image = image + own[5] * self.fed(f"{name}.ff", plain_norm(image) * (1 + own[4]) + own[3])
        return text, image

    def single(self, name: str, both: Floats, vector: Floats, places: list[Place]) -> Floats:
        shift, scale, gate = self.modulation(f"{name}.norm", vector, 3)
        seen = plain_norm(both) * (1 + scale) + shift
        query, key, value = self.queries_keys_values(name, seen, "to_{}", "norm_{}")
        taken = self.attention(query, key, value, places)
        inner = gelu(self.linear(f"{name}.proj_mlp", seen))
        return both + gate * self.linear(f"{name}.proj_out", np.concatenate([taken, inner], -1))

    def modulation(self, name: str, vector: Floats, count: int) -> Iterator[Floats]:
        """Shift, scale, gate, and for the feed-forward once more."""
        numbers = self.linear(f"{name}.linear", silu(vector))
        yield from numbers.reshape(count, -1)

    def fed(self, name: str, x: Floats) -> Floats:
        return self.linear(f"{name}.net.2", gelu(self.linear(f"{name}.net.0.proj", x)))

    def queries_keys_values(self, name: str, x: Floats, linear: str, norm: str) -> list[Floats]:
        """Three arrays [L, heads, width]; queries and keys have a root mean square of 1, times what was learned."""
        found = []
        for letter in "qkv":
            part = self.linear(f"{name}.attn.{linear.format(letter)}", x).reshape(len(x), self.heads, self.width)
            found.append(part if letter == "v" else self.rms(f"{name}.attn.{norm.format(letter)}", part))
        return found

    def attention(self, query: Floats, key: Floats, value: Floats, places: list[Place]) -> Floats:
        """[L, hidden]: each position looks at all, head by head."""
        out = np.zeros((len(query), self.heads, self.width))
        for head in range(self.heads):
            queries = [self.turned(query[at, head], place) for at, place in enumerate(places)]
            keys = [self.turned(key[at, head], place) for at, place in enumerate(places)]
            for at, one in enumerate(queries):
                scores = np.array([float(np.vdot(other, one).real) for other in keys]) / math.sqrt(self.width)
                shares = np.exp(scores - scores.max())
                out[at, head] = (shares / shares.sum()) @ value[:, head]
        return out.reshape(len(query), -1)

    def turned(self, x: Floats, place: Place) -> NDArray[np.complex128]:
        """Pairs of neighbours as complex numbers, each turned by its own speed times the place on its axis."""
        angles = []
        for axis, count in enumerate(self.config["axes_dims_rope"]):
            angles += [place[axis] * 10000.0 ** (-2 * pair / count) for pair in range(count // 2)]
        return (x[0::2] + 1j * x[1::2]) * np.exp(1j * np.array(angles))


def waves(number: float) -> Floats:
    """128 cosines and then 128 sines of a number, from one radian a unit to almost a ten-thousandth.

    Speeds and angles are rounded to float32, by torch's own exponential, as they were when the published models learned
    to read them: of 99,000 an angle is rounded by a few thousandths of a radian, which the logits show.
    """
    exponents = [np.float32(-math.log(10000.0)) * np.float32(index) / np.float32(128) for index in range(128)]
    speeds = [np.float32(torch.exp(torch.tensor(exponent)).item()) for exponent in exponents]
    angles = np.array([np.float32(number) * speed for speed in speeds], np.float64)
    return np.concatenate([np.cos(angles), np.sin(angles)])


def plain_norm(x: Floats) -> Floats:
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-6)


def silu(x: Floats) -> Floats:
    return x / (1 + np.exp(-x))


def gelu(x: Floats) -> Floats:
    """By its tanh formula."""
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
