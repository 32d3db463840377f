"""Finetunes a larger decoder for a finished tokenizer, whose encoder and codebook stay as they are. Muse 2.5.

Knows nothing about prompts, or about the transformers, whose tokens mean the same before and after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from PIL.Image import Image
from torch import Tensor, nn

from muse_studio.muse.config import VQGANConfig
from muse_studio.muse.vqgan import VQGAN, Decoder
from muse_studio.training.discriminator import Adversary
from muse_studio.training.growth import grown_decoder
from muse_studio.training.losses import Distance, PictureLoss
from muse_studio.training.tokenizer import Crops, Picture, reconstruction_sheet
from muse_studio.training.tokenizer_config import TokenizerConfig

DECODER = "decoder."


class FinetunedDecoder(nn.Module):
    """What is trained, and no more: the frozen parts are no part of it."""

    def __init__(self, decoder: Decoder, config: TokenizerConfig) -> None:
        super().__init__()
        self.decoder = decoder
        self.adversary = Adversary(config.adversary_width, config.adversary_after) if config.adversarial else None

    def finished(self, frozen: VQGAN, sizes: VQGANConfig) -> VQGAN:
        """The tokenizer `frozen` with this decoder, of `sizes`."""
        return _with_decoder(frozen, sizes, self.decoder).eval().requires_grad_(False)


class DecoderTask:
    """See `training.loop.Task`. `compose(number)` gives picture `number`, uint8 [size, size, 3]."""

    def __init__(
        self,
        name: str,
        frozen: VQGAN,
        sizes: VQGANConfig,
        config: TokenizerConfig,
        compose: Callable[[int], Picture],
        device: torch.device,
        distance: Distance | None = None,
    ) -> None:
        """`frozen`: the finished tokenizer. `sizes`: the same with a larger decoder."""
        self.name, self.frozen, self.sizes, self.settings, self.device = name, frozen, sizes, config, device
        self.frozen.requires_grad_(False)
        self.crops = Crops(compose, config.size, config.crop, frozen.config.factor)  # tokens as of the whole picture
        self.judge = PictureLoss(config, distance)
        decoder = grown_decoder(frozen.decoder.cpu(), frozen.config, sizes)
        frozen.to(device)
        decoder.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.module: nn.Module = FinetunedDecoder(decoder, config).to(device)

    def config(self) -> dict[str, Any]:
        codebook = fingerprint(self.frozen.codebook)
        return {"vqgan": self.sizes, "tokenizer": self.settings, "codebook": codebook}

    def batches(self, first: int, batch: int, stride: int = 0) -> Iterator[Tensor]:
        return self.crops.batches(first, batch, stride)

    def loss(self, batch: Tensor) -> dict[str, Tensor]:
        pictures = batch.to(self.device).contiguous(memory_format=torch.channels_last).float() / 255
        module = self.module
        assert isinstance(module, FinetunedDecoder)
        with torch.autocast(self.device.type, torch.bfloat16):
            made = module.decoder(self._codes(pictures))
        return self.judge(made.float(), pictures, module.adversary)

    @torch.no_grad()
    def _codes(self, pictures: Tensor) -> Tensor:
        codes = self.frozen.look_up(self.frozen.encode(pictures))
        return codes.contiguous(memory_format=torch.channels_last)

    @torch.no_grad()
    def sheet(self, module: nn.Module) -> Image:
        assert isinstance(module, FinetunedDecoder)
        pictures = self.crops.whole(12).to(self.device)
        return reconstruction_sheet(pictures, lambda one: module.decoder(self._codes(one)).float().clamp(0, 1))


def with_fresh_decoder(model: VQGAN, sizes: VQGANConfig) -> VQGAN:
    """The tokenizer with a decoder of `sizes` that has learned nothing yet."""
    return _with_decoder(model, sizes, Decoder(sizes))


def _with_decoder(model: VQGAN, sizes: VQGANConfig, decoder: Decoder) -> VQGAN:
    made = VQGAN(sizes)
    kept = {name: value for name, value in model.state_dict().items() if not name.startswith(DECODER)}
    made.load_state_dict(kept | {DECODER + name: value for name, value in decoder.state_dict().items()})
    return made


def fingerprint(*tensors: Tensor) -> str:
    """Sha256 of tensors' numbers. A codebook moves with every step of its encoder, so it stands for both."""
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
