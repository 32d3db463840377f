"""How many parameters the presets have: added up layer by layer from tables 4 and 6, against the modules themselves.

The sums know the paper's parts and nothing of the code: what a part is made of is written here once more.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from muse_studio.muse.config import BaseConfig, CascadeConfig, SuperResConfig, VQGANConfig
from muse_studio.muse.config_json import cascade_from_dict
from muse_studio.muse.presets import finetuned_decoder, muse_3b, muse_900m, parameter_counts, tiny
from muse_studio.muse.vqgan import VQGAN

DEFAULT = Path(__file__).resolve().parents[3] / "models" / "default" / "cascade.json"


def default() -> CascadeConfig:
    """The cascade that ships with the program."""
    stored = json.loads(DEFAULT.read_text("utf-8"))
    return cascade_from_dict({key: stored[key] for key in ("name", "architecture", "defaults", "licence")})


# The paper's parts, without biases where the paper's figures leave no room for them. h: hidden size.


def attention(h: int) -> int:
    """Query, key, value and output, each h x h; the same to itself and to the text."""
    return 4 * h * h


def feed_forward(h: int, mlp: int) -> int:
    return h * mlp + mlp * h


def norms(count: int, h: int) -> int:
    """A scale and no shift."""
    return count * h


def positions(side: int, h: int) -> int:
    """Learned and in two dimensions: a vector per row and one per column."""
    return side * h + side * h


def text_projection(width: int, h: int) -> int:
    return width * h + norms(1, h)


def output_mlp(h: int, codes: int) -> int:
    """A hidden layer, a norm, and logits with a bias each."""
    return h * h + norms(1, h) + h * codes + codes


def base_parameters(c: BaseConfig) -> int:
    h = c.hidden
    layer = attention(h) + attention(h) + feed_forward(h, c.mlp) + norms(3, h)
    cells = c.grid * c.grid * h if c.cell_positions else 0
    embeddings = (c.codebook_size + 1) * h + positions(c.grid, h) + cells + text_projection(c.text_width, h)
    return embeddings + c.layers * layer + norms(1, h) + output_mlp(h, c.codebook_size)


def superres_parameters(c: SuperResConfig) -> int:
    h, square = c.hidden, c.merge * c.merge
    joining = square * h * h if c.merge > 1 else 0
    fine_tokens = (c.codebook_size + 1) * h + joining
    lowres_layer = attention(h) + feed_forward(h, c.mlp) + norms(2, h)
    layer = attention(h) + attention(h) + feed_forward(h, c.mlp) + norms(3, h)
    lowres = c.lowres_codebook_size * h + positions(c.lowres_grid, h) + c.lowres_layers * lowres_layer + norms(1, h)
    fine = fine_tokens + positions(c.grid // c.merge, h) + c.layers * layer + norms(1, h)
    spreading = h * square * h if c.merge > 1 else 0
    draft = fine_tokens if c.draft else 0
    step_and_sureness = (c.code_dim + 1) * h + c.code_dim + 1
    correcting = h * h + norms(1, h) + step_and_sureness + c.codebook_size * c.code_dim
    head = correcting if c.draft else output_mlp(h, c.codebook_size)
    return lowres + text_projection(c.text_width, h) + fine + spreading + draft + head


def convolution(channels_in: int, channels_out: int, side: int) -> int:
    return channels_in * channels_out * side * side + channels_out


def residual_blocks(channels_in: int, channels_out: int, count: int) -> int:
    """Two 3 x 3 convolutions, each after a group norm with scale and shift; a 1 x 1 where the width changes."""
    total = 0
    for _ in range(count):
        total += 2 * channels_in + convolution(channels_in, channels_out, 3)
        total += 2 * channels_out + convolution(channels_out, channels_out, 3)
        total += convolution(channels_in, channels_out, 1) if channels_in != channels_out else 0
        channels_in = channels_out
    return total


def tower(first: int, widths: list[int], blocks: int) -> int:
    """Residual blocks at every resolution and one 3 x 3 convolution between each two: down or up."""
    total, channels = 0, first
    for level, width in enumerate(widths):
        total += residual_blocks(channels, width, blocks)
        channels = width
        total += convolution(width, width, 3) if level < len(widths) - 1 else 0
    return total


def vqgan_parameters(c: VQGANConfig) -> int:
    pixels = 3 * (c.patch * c.patch if c.stem == "patchify" else 1)
    down = [c.width * m for m in c.multipliers]
    up = [(c.decoder_width or c.width) * m for m in reversed(c.multipliers)]
    encoder = convolution(pixels, down[0], 3) + tower(down[0], down, c.encoder_blocks)
    encoder += 2 * down[-1] + convolution(down[-1], c.code_dim, 1)
    decoder = convolution(c.code_dim, up[0], 3) + tower(up[0], up, c.decoder_blocks)
    decoder += 2 * up[-1] + convolution(up[-1], pixels, 3)
    if c.linear_path:
        encoder += convolution(3, c.code_dim, c.factor)
        decoder += convolution(c.code_dim, 3 * c.factor**2, 1)
    preview = convolution(c.code_dim, 3 * c.preview_patch**2, 3)
    return encoder + c.codebook_size * c.code_dim + decoder + preview


def by_hand(c: CascadeConfig) -> dict[str, int]:
    return {
        "base": base_parameters(c.base),
        "superres": superres_parameters(c.superres),
        "base_vqgan": vqgan_parameters(c.base_vqgan),
        "superres_vqgan": vqgan_parameters(c.superres_vqgan),
    }


CONFIGS = {
    "muse-900m": muse_900m(),
    "muse-3b": muse_3b(),
    "default": default(),
    "tiny": tiny(),
    "tiny, merged": tiny(merge=2),
    "tiny, aligned, with a draft": tiny(align=True, draft=True),
    "tiny, merged, aligned, with a draft": tiny(merge=2, align=True, draft=True),
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
def test_the_modules_have_the_parameters_added_up_by_hand(config: CascadeConfig) -> None:
    assert parameter_counts(config) == by_hand(config)


def millions(count: int) -> int:
    return round(count / 1e6)


def test_muse_900m_has_the_papers_632m_and_268m() -> None:
    counts = parameter_counts(muse_900m())
    assert (counts["base"], counts["superres"]) == (631_585_792, 268_169_984)
    assert (millions(counts["base"]), millions(counts["superres"])) == (632, 268)


def test_muse_3b_has_the_papers_tables_and_3b() -> None:
    config = muse_3b()
    base, fine = config.base, config.superres
    assert (base.layers, base.hidden, base.mlp, base.grid) == (48, 2048, 8192, 16)
    assert (fine.lowres_layers, fine.layers, fine.hidden, fine.mlp, fine.grid) == (16, 32, 1024, 4096, 64)
    assert (fine.merge, fine.align, fine.draft) == (1, False, False)
    counts = parameter_counts(config)
    assert (counts["base"], counts["superres"]) == (3_267_739_648, 768_914_432)
    assert round(counts["base"] / 1e9) == 3


def test_table_6_comes_to_0_74_billion_in_its_layers() -> None:
    """16 layers of 4h^2 + 2h * 4h and 32 of 8h^2 + 2h * 4h, with h = 1024: 704 h^2, and their norms."""
    h, fine = 1024, muse_3b().superres
    layers = 704 * h * h + norms(16 * 2 + 32 * 3, h)
    assert layers == 738_328_576
    rest = superres_parameters(fine) - layers
    embeddings = 2 * 8192 * h + h + positions(16, h) + positions(64, h) + norms(2, h)
    assert rest == embeddings + text_projection(4096, h) + output_mlp(h, 8192)


def test_the_papers_tokenizers_and_the_finetuned_decoders() -> None:
    config = muse_3b()
    counts = parameter_counts(config)
    assert (counts["base_vqgan"], counts["superres_vqgan"]) == (39_315_523, 33_078_707)
    finetuned = [vqgan_parameters(finetuned_decoder(each)) for each in (config.base_vqgan, config.superres_vqgan)]
    assert finetuned == [161_658_307, 137_127_475]
    with torch.device("meta"):
        built = [VQGAN(finetuned_decoder(each)) for each in (config.base_vqgan, config.superres_vqgan)]
    assert [sum(parameter.numel() for parameter in each.parameters()) for each in built] == finetuned


def test_the_files_of_the_default_cascade_hold_as_many_numbers() -> None:
    """In float16: a length of 8 bytes, the header, and two bytes for each parameter."""
    for name, count in by_hand(default()).items():
        with DEFAULT.with_name(f"{name}.safetensors").open("rb") as file:
            header = int.from_bytes(file.read(8), "little")
            size = file.seek(0, 2)
        assert size == 8 + header + 2 * count, name
