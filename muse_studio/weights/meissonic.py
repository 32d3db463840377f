"""Meissonic (1024 px) and Monetico (512 px): logits of 64x64 or 32x32 tokens from a CLIP text. Knows no schedule.

The transformer of the published folders, whose tensors load under their own names. Four things are easily done wrong:
positions belong to the grid that the blocks see, which `downsample` halves, whatever the picture's size; a step is told
as the count of steps still to come, times a thousand, in float32; text stands at position 0; and text comes first
wherever text and image are one sequence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from muse_studio.muse.config import COUNT_LIMIT
from muse_studio.muse.folder import Folder
from muse_studio.weights.flux import EPS, DoubleBlock, SingleBlock, rms_norm
from muse_studio.weights.graphs import Body, Nested
from muse_studio.weights.network import NetworkFacts
from muse_studio.weights.part import check_counts, config_of, read_config
from muse_studio.weights.rotary import Rotation, grid_rotation
from muse_studio.weights.sinusoids import Embedder, sinusoids
from muse_studio.weights.token_ends import Resample, TokenEmbedding, TokenHead

CLASS_NAME = "Transformer2DModel"
FIXED = {"patch_size": 1, "guidance_embeds": False}
IGNORED = ("in_channels",)  # written there and used by nobody
STEP_SCALE = 1000.0
SINUSOID_WIDTH = 256
MICRO_CONDITIONS = 5  # width and height of the picture, two of its crop, its aesthetic score


@dataclass(frozen=True, slots=True)
class MeissonicConfig:
    """config.json of a published transformer, under its own names.

    num_layers, num_single_layers: double and single blocks. axes_dims_rope: numbers of a head for each axis.
    joint_attention_dim, pooled_projection_dim: widths of the text's states and of its one pooled vector.
    downsample, upsample: the blocks see one position for four tokens (Meissonic), or for each (Monetico).
    """

    attention_head_dim: int
    num_attention_heads: int
    num_layers: int
    num_single_layers: int
    joint_attention_dim: int
    pooled_projection_dim: int
    axes_dims_rope: tuple[int, ...]
    vocab_size: int
    codebook_size: int
    downsample: bool
    upsample: bool

    def __post_init__(self) -> None:
        check_counts(self)
        axes = self.axes_dims_rope
        if len(axes) != 3 or any(count < 2 or count % 2 for count in axes) or sum(axes) != self.attention_head_dim:
            raise ValueError(f"axes_dims_rope must be three even numbers that make {self.attention_head_dim}: {axes}")
        if self.hidden > COUNT_LIMIT:
            raise ValueError(f"num_attention_heads times attention_head_dim is {self.hidden}, over {COUNT_LIMIT}")
        if self.pooled_projection_dim != self.hidden:
            raise ValueError(f"pooled_projection_dim must be the hidden size {self.hidden}")
        if self.vocab_size <= self.codebook_size:
            raise ValueError("vocab_size leaves no id beside codebook_size for the mask token")
        if self.downsample != self.upsample:
            raise ValueError("downsample and upsample must be both true or both false")

    @property
    def hidden(self) -> int:
        """Width of every position's state."""
        return self.num_attention_heads * self.attention_head_dim

    @property
    def facts(self) -> NetworkFacts:
        """What a cascade is put together by. The file names no size: the one that halves was made for 1024 px."""
        return NetworkFacts(
            own_grid=64 if self.downsample else 32,
            halved=self.downsample,
            vocab_size=self.vocab_size,
            codebook_size=self.codebook_size,
            text_width=self.joint_attention_dim,
            pooled_width=self.pooled_projection_dim,
            layer_floats=22 * self.hidden,
            end_floats=4 * self.hidden,
            kept_floats=2 * self.hidden,
        )


def meissonic_config(table: Mapping[str, Any]) -> MeissonicConfig:
    """The sizes in a config.json that was read already. Raises ConfigError."""
    return config_of(MeissonicConfig, table, CLASS_NAME, FIXED, IGNORED)


def read_meissonic_config(folder: Folder) -> MeissonicConfig:
    """The sizes that a published transformer/ states. Raises CheckpointError."""
    return read_config(MeissonicConfig, folder, CLASS_NAME, FIXED, IGNORED)


@dataclass(frozen=True, slots=True)
class JointConditioning:
    """What stays the same from step to step, computed once for a batch.

    text:     [B, T, hidden]. picture: [B, hidden], of the pooled text and the micro-conditions.
    rotation: of T text positions and then the grid's. grid: height and width of the tokens.
    """

    text: Tensor
    picture: Tensor
    rotation: Rotation
    grid: tuple[int, int]

    def rows(self, which: slice) -> JointConditioning:
        """Some rows of the batch, as views."""
        return replace(self, text=self.text[which], picture=self.picture[which])

    def told(self, count: Tensor) -> Nested:
        """All that the network reads beside the tokens, as tuples of tensors. count: of the steps to come."""
        return self.text, self.picture, (self.rotation.cosine, self.rotation.sine), count


class _TimeText(nn.Module):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.timestep_embedder = Embedder(SINUSOID_WIDTH, hidden)
        self.text_embedder = Embedder(hidden, hidden)


class MeissonicTransformer(nn.Module):
    """Double blocks over text and image, then single blocks over both as one sequence."""

    def __init__(self, config: MeissonicConfig) -> None:
        super().__init__()
        self.config = config
        self.replayed: Body | None = None
        hidden, head_width = config.hidden, config.attention_head_dim
        self.embed = TokenEmbedding(config.vocab_size, hidden, hidden, EPS)
        self.down_block = nn.ModuleDict({"downsample": Resample(hidden, EPS, up=False)} if config.downsample else {})
        self.project_to_hidden_norm = rms_norm(hidden)
        self.project_to_hidden = nn.Linear(hidden, hidden, bias=False)
        self.context_embedder = nn.Linear(config.joint_attention_dim, hidden)
        self.encoder_proj_layer_norm = rms_norm(hidden)
        self.cond_embed = Embedder(hidden + MICRO_CONDITIONS * SINUSOID_WIDTH, hidden, bias=False)
        self.time_text_embed = _TimeText(hidden)
        self.transformer_blocks = nn.ModuleList(DoubleBlock(hidden, head_width) for _ in range(config.num_layers))
        self.single_transformer_blocks = nn.ModuleList(
            SingleBlock(hidden, head_width) for _ in range(config.num_single_layers)
        )
        self.project_from_hidden_norm = rms_norm(hidden)
        self.project_from_hidden = nn.Linear(hidden, hidden, bias=False)
        self.up_block = nn.ModuleDict({"upsample": Resample(hidden, EPS, up=True)} if config.upsample else {})
        self.mlm_layer = TokenHead(hidden, hidden, config.codebook_size, EPS)

    @property
    def mask_token(self) -> int:
        """The id that stands for an unknown token: the vocabulary's last."""
        return self.config.vocab_size - 1

    def prepare(self, states: Tensor, pooled: Tensor, micro: Tensor, grid: tuple[int, int]) -> JointConditioning:
        """All that no step changes.

        states: [B, T, joint_attention_dim], the text encoder's last layer but one. pooled: [B, pooled_projection_dim].
        micro:  [B, 5], the picture's width and height in pixels, two of its crop and its aesthetic score.
        grid:   height and width of the tokens, any.
        """
        dtype = self.project_to_hidden.weight.dtype
        text = self.encoder_proj_layer_norm(self.context_embedder(states.to(dtype)))
        described = torch.cat([pooled.to(dtype), sinusoids(micro, SINUSOID_WIDTH).flatten(1).to(dtype)], -1)
        picture = self.time_text_embed.text_embedder(self.cond_embed(described))
        height, width = ((side + 1) // 2 for side in grid) if self.config.downsample else grid
        rotation = grid_rotation(states.shape[1], height, width, self.config.axes_dims_rope, text.device)
        return JointConditioning(text, picture, rotation, grid)

    def forward(
        self, tokens: Tensor, conditioning: JointConditioning, steps_left: Sequence[int], wanted: Tensor | None = None
    ) -> Tensor:
        """Logits [B, h, w, codebook_size] of tokens int64 [B, h, w], in which mask_token marks the unknown.

        steps_left: for each row of the batch, how many steps come after this one; 0 in the last.
        wanted:     bool [B, h, w]; logits [N, codebook_size] of those N tokens only, row by row.
        Raises ValueError where the conditioning was prepared for another grid.
        """
        if tuple(tokens.shape[1:]) != conditioning.grid:
            raise ValueError(f"the conditioning is for a grid of {conditioning.grid}, not {tuple(tokens.shape[1:])}")
        told = conditioning.told(self._count(steps_left))
        x = (self.replayed or self.states)(tokens, told)
        logits: Tensor = self.mlm_layer(x if wanted is None else x[wanted])
        return logits

    def states(self, tokens: Tensor, told: Nested) -> Tensor:
        """What the logits are made of, [B, h, w, hidden]. told: see `JointConditioning.told`."""
        text, picture, (cosine, sine), count = told
        x = self.embed(tokens)
        for fold in self.down_block.values():
            x = fold(x)
        seen = x.shape
        x = self.project_to_hidden(self.project_to_hidden_norm(x.flatten(1, 2)))
        x = self._blocks(x, text, F.silu(self._step(count) + picture), Rotation(cosine, sine))
        x = self.project_from_hidden(self.project_from_hidden_norm(x)).view(seen)
        for unfold in self.up_block.values():
            x = unfold(x)
        out: Tensor = x[:, : tokens.shape[1], : tokens.shape[2]]
        return out

    def _blocks(self, image: Tensor, text: Tensor, vector: Tensor, rotation: Rotation) -> Tensor:
        """The image's positions [B, I, hidden] after all blocks."""
        for block in self.transformer_blocks:
            text, image = block(text, image, vector, rotation)
        both = torch.cat([text, image], 1)
        for block in self.single_transformer_blocks:
            both = block(both, vector, rotation)
        return both[:, text.shape[1] :]

    def _count(self, steps_left: Sequence[int]) -> Tensor:
        """Which step it is, float32 [B]: a count times a thousand."""
        return torch.tensor(steps_left, dtype=torch.float32, device=self.project_to_hidden.weight.device) * STEP_SCALE

    def _step(self, count: Tensor) -> Tensor:
        """The same, [B, hidden]. The count stays in float32 until it is sines and cosines."""
        waves = sinusoids(count, SINUSOID_WIDTH).to(self.project_to_hidden.weight.dtype)
        step: Tensor = self.time_text_embed.timestep_embedder(waves)
        return step

    def logits(
        self, tokens: Tensor, conditioning: JointConditioning, steps_left: Sequence[int], wanted: Tensor | None = None
    ) -> Tensor:
        """`forward`, by the name that it has in every published network."""
        out: Tensor = self(tokens, conditioning, steps_left, wanted)
        return out
