"""The sizes of an aMUSEd transformer, as config.json states them. Knows nothing about tensors."""

from __future__ import annotations

from dataclasses import dataclass

from muse_studio.muse.folder import Folder
from muse_studio.weights.network import NetworkFacts
from muse_studio.weights.part import check_counts, read_config

CLASS_NAME = "UVit2DModel"
FIXED = {"use_bias": False, "ln_elementwise_affine": True}
IGNORED = ("attention_dropout", "hidden_dropout")  # of training alone
MICRO_CONDITIONS = 5


@dataclass(frozen=True, slots=True)
class AmusedConfig:
    """config.json of a published transformer/, by the published names. The defaults are those of the 256 model.

    hidden_size, num_hidden_layers, num_attention_heads, intermediate_size: of the transformer layers.
    in_channels:            width of a token's embedding, and of the last layer before the logits.
    block_out_channels, num_res_blocks, block_num_heads: of the convolutions before and after the layers.
    downsample, upsample:   whether the layers work on a grid half as fine; both or neither. True in the 512 model.
    vocab_size:             ids that have an embedding; the last one is the mask token.
    codebook_size:          ids that have a logit.
    encoder_hidden_size, cond_embed_dim: widths of the text's states and of its pooled vector.
    micro_cond_encode_dim, micro_cond_embed_dim: numbers of one micro-condition's sinusoids, and of all five.
    sample_size:            side of the grid that the network was trained on.
    """

    hidden_size: int = 1024
    num_hidden_layers: int = 22
    num_attention_heads: int = 16
    intermediate_size: int = 2816
    in_channels: int = 768
    block_out_channels: int = 768
    num_res_blocks: int = 3
    block_num_heads: int = 12
    downsample: bool = False
    upsample: bool = False
    vocab_size: int = 8256
    codebook_size: int = 8192
    encoder_hidden_size: int = 768
    cond_embed_dim: int = 768
    micro_cond_encode_dim: int = 256
    micro_cond_embed_dim: int = 1280
    layer_norm_eps: float = 1e-6
    sample_size: int = 16

    def __post_init__(self) -> None:
        check_counts(self)
        if self.hidden_size % self.num_attention_heads or self.block_out_channels % self.block_num_heads:
            raise ValueError("a width does not divide into its heads")
        if self.downsample != self.upsample:
            raise ValueError("downsample and upsample go together: a picture has one logit for each of its tokens")
        if self.vocab_size <= self.codebook_size:
            raise ValueError("vocab_size leaves no id for the mask token beside codebook_size")
        if self.micro_cond_encode_dim % 2 or self.micro_cond_embed_dim != MICRO_CONDITIONS * self.micro_cond_encode_dim:
            raise ValueError(f"micro_cond_embed_dim is not {MICRO_CONDITIONS} times an even micro_cond_encode_dim")
        if not 0 < self.layer_norm_eps < 1:
            raise ValueError("layer_norm_eps is a small number above 0")

    @property
    def facts(self) -> NetworkFacts:
        """What a cascade is put together by."""
        hidden, width = self.hidden_size, self.block_out_channels
        return NetworkFacts(
            own_grid=self.sample_size,
            halved=self.downsample,
            vocab_size=self.vocab_size,
            codebook_size=self.codebook_size,
            text_width=self.encoder_hidden_size,
            pooled_width=self.cond_embed_dim,
            layer_floats=max(3 * hidden + max(4 * hidden, 3 * self.intermediate_size), 12 * width),
            end_floats=4 * width + self.in_channels,
            kept_floats=2 * hidden * self.num_hidden_layers + 8 * width * self.num_res_blocks,
        )


def read_amused_config(folder: Folder) -> AmusedConfig:
    """The sizes that a published transformer/ states. Raises CheckpointError."""
    return read_config(AmusedConfig, folder, CLASS_NAME, FIXED, IGNORED)
