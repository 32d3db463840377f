"""Encoders that a person names by folder or file: FID's Inception, any image encoder of transformers, and CLIP.

Weights come from safetensors alone, through the same checks as a cascade's, and nothing is ever fetched. Knows nothing
of what is measured with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer
from torch import Tensor, nn

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.muse.checkpoint import read_tensors
from muse_studio.muse.folder import CheckpointError, Folder
from muse_studio.muse.transformers_folder import CONFIG_NAME, assemble, read_state

TOKENIZER_LIMIT_BYTES = 64 * 2**20
CLIP_MEAN, CLIP_DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True)
class Preparation:
    """How pixels become what an encoder reads: the shorter side scaled to `side` px, the middle `crop` px of it."""

    side: int
    crop: int
    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    def __call__(self, pictures: Tensor) -> Tensor:
        """float32 [B, 3, crop, crop] of uint8 [B, 3, H, W]."""
        scaled = torch.stack([self._scaled(picture) for picture in pictures]).to(pictures.device)
        mean, deviation = (
            torch.tensor(values, device=pictures.device).view(3, 1, 1) for values in (self.mean, self.deviation)
        )
        return (scaled.float() / 255 - mean) / deviation

    def _scaled(self, picture: Tensor) -> Tensor:
        """By Pillow, as the encoders were trained: torch rounds once where Pillow rounds twice."""
        image = Image.fromarray(picture.permute(1, 2, 0).cpu().numpy())
        scale = self.side / min(image.size)
        wide, high = (max(self.crop, int(length * scale)) for length in image.size)
        left, top = (wide - self.crop) // 2, (high - self.crop) // 2
        image = image.resize((wide, high), Image.Resampling.BICUBIC)
        middle = image.crop((left, top, left + self.crop, top + self.crop))
        return torch.from_numpy(np.array(middle)).permute(2, 0, 1)


class ImageFeatures(nn.Module):
    """uint8 [B, 3, H, W] to float [B, num_features]: what an encoder pools a picture to."""

    def __init__(self, name: str, encoder: nn.Module, prepare: Preparation) -> None:
        super().__init__()
        self.name, self.encoder, self._prepare = name, encoder.eval().requires_grad_(False), prepare
        self.num_features = int(self(torch.zeros(1, 3, prepare.crop, prepare.crop, dtype=torch.uint8)).shape[1])

    @torch.no_grad()
    def forward(self, pictures: Tensor) -> Tensor:
        encoder: Any = self.encoder
        pixels = self._prepare(pictures)
        if hasattr(encoder, "get_image_features"):
            return _pooled(encoder.get_image_features(pixel_values=pixels))
        return _pooled(encoder(pixel_values=pixels))


class InceptionFeatures(nn.Module):
    """uint8 [B, 3, H, W] to the 2,048 numbers of FID's Inception, scaled as TensorFlow 1 did."""

    name = "Inception-v3 (FID)"
    num_features = 2048

    def __init__(self, extractor: nn.Module) -> None:
        super().__init__()
        self.extractor = extractor.eval().requires_grad_(False)

    @torch.no_grad()
    def forward(self, pictures: Tensor) -> Tensor:
        features: Tensor = self.extractor(pictures)[0]
        return features


class Clip(nn.Module):
    """A CLIP that torchmetrics' CLIPScore can use: torchmetrics 1.9 wants features bare, transformers 5 wraps them."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model.eval().requires_grad_(False)
        self.config: Any = model.config

    @torch.no_grad()
    def get_image_features(self, pixels: Tensor) -> Tensor:
        """float [B, D] of prepared pictures."""
        model: Any = self.model
        return _pooled(model.get_image_features(pixel_values=pixels))

    @torch.no_grad()
    def get_text_features(self, ids: Tensor, mask: Tensor) -> Tensor:
        """float [B, D] of tokenised texts."""
        model: Any = self.model
        return _pooled(model.get_text_features(input_ids=ids, attention_mask=mask))


class ClipInputs:
    """Pictures and texts as a CLIP reads them; what torchmetrics calls a processor."""

    def __init__(self, prepare: Preparation, tokenizer: Tokenizer, length: int) -> None:
        self._prepare, self._tokenizer = prepare, tokenizer
        tokenizer.enable_truncation(length)
        tokenizer.enable_padding()

    def __call__(
        self, images: list[Tensor] | None = None, text: list[str] | None = None, **_: object
    ) -> dict[str, Tensor]:
        if images is not None:
            return {"pixel_values": self._prepare(torch.stack(images))}
        rows = self._tokenizer.encode_batch(text or [])
        ids, mask = ([getattr(row, name) for row in rows] for name in ("ids", "attention_mask"))
        return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}


def load_features(path: Path) -> ImageFeatures:
    """The image encoder in a folder of transformers: CLIP, DINOv2 or ViT. MuseStudioError(BAD_MODEL) says why not."""
    folder, settings = _open(path)
    model = _model(folder, settings)
    return ImageFeatures(path.name, model, _preparation(folder, settings))


def load_clip(path: Path) -> tuple[Clip, ClipInputs]:
    """The CLIP in a folder of transformers. MuseStudioError(BAD_MODEL) says why not."""
    folder, settings = _open(path)
    if settings.get("model_type") != "clip":
        raise _bad(path, f"its config.json says {settings.get('model_type')!a} and not clip")
    model = _model(folder, settings)
    try:
        tokenizer = Tokenizer.from_buffer(folder.read("tokenizer.json", TOKENIZER_LIMIT_BYTES))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as fault:  # tokenizers' panics
        raise _bad(path, f"its tokenizer.json cannot be read: {fault}") from fault
    config: Any = model.config
    return Clip(model), ClipInputs(
        _preparation(folder, settings), tokenizer, int(config.text_config.max_position_embeddings)
    )


def load_inception(path: Path) -> InceptionFeatures:
    """FID's Inception-v3: torch-fidelity's architecture with the weights of a safetensors file.

    MuseStudioError BAD_REQUEST where torch-fidelity is not here, BAD_MODEL where the file does not fit.
    """
    try:
        from torch_fidelity import feature_extractor_inceptionv3 as module
    except (ImportError, RuntimeError) as fault:  # RuntimeError: a torchvision made for another torch
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST,
            "FID's Inception needs torch-fidelity and a torchvision that fits the installed torch: "
            "pip install torch-fidelity torchvision. Without them, --features measures with another encoder.",
            repr(fault),
        ) from fault
    try:
        state = read_tensors(Folder(path.parent), path.name)
        # The class can only unpickle a file or fetch one. Where it would fetch, it is handed the weights just read.
        fetch, module.load_state_dict_from_url = module.load_state_dict_from_url, lambda *_, **__: state
        try:
            extractor = module.FeatureExtractorInceptionV3("inception-v3-compat", ["2048"])
        finally:
            module.load_state_dict_from_url = fetch
    except (CheckpointError, RuntimeError, KeyError) as fault:
        raise _bad(path, str(fault)) from fault
    return InceptionFeatures(extractor)


def _open(path: Path) -> tuple[Folder, dict[str, Any]]:
    # The Hub's cache links snapshots to blobs two folders up; any other link must stay inside.
    folder = Folder(path, root=path.parents[1] if path.parent.name == "snapshots" else None)
    try:
        return folder, folder.read_json(CONFIG_NAME)
    except CheckpointError as fault:
        raise _bad(path, str(fault)) from fault


def _model(folder: Folder, settings: dict[str, Any]) -> nn.Module:
    """A module all of whose tensors were in the folder. MuseStudioError(BAD_MODEL)."""
    import transformers

    names = {"clip": "CLIP", "dinov2": "Dinov2", "vit": "ViT"}
    name = names.get(str(settings.get("model_type")))
    if name is None:
        raise _bad(folder.path, f"model_type {settings.get('model_type')!a} is not read; clip, dinov2 and vit are")
    try:
        config = getattr(transformers, f"{name}Config").from_dict(settings)
        options: dict[str, Any] = (
            {"add_pooling_layer": False} if name == "ViT" else {}
        )  # many a ViT has none: its first token it is
        return assemble(getattr(transformers, f"{name}Model"), config, read_state(folder), **options)
    except (ValueError, TypeError, RuntimeError, AttributeError) as fault:
        raise _bad(folder.path, str(fault)) from fault


def _preparation(folder: Folder, settings: dict[str, Any]) -> Preparation:
    """What preprocessor_config.json says, or else what the encoder's own side and its family's habits are."""
    said = folder.read_json("preprocessor_config.json") if folder.has("preprocessor_config.json") else {}
    vision = settings.get("vision_config") or settings
    own = int(vision.get("image_size", 224))
    of_clip = settings.get("model_type") == "clip"
    side = _side(said.get("size"), own)
    crop = _side(said.get("crop_size"), own) if said.get("do_center_crop", of_clip) else side
    mean = tuple(said.get("image_mean") or (CLIP_MEAN if of_clip else IMAGENET_MEAN))
    deviation = tuple(said.get("image_std") or (CLIP_DEVIATION if of_clip else IMAGENET_DEVIATION))
    return Preparation(max(side, crop), crop, mean, deviation)


def _side(said: object, otherwise: int) -> int:
    if isinstance(said, dict):
        return int(said.get("shortest_edge") or said.get("height") or otherwise)
    return int(said) if isinstance(said, int) else otherwise


def _pooled(output: Any) -> Tensor:
    """The one vector of each picture or text: bare, or wrapped with other things."""
    if isinstance(output, Tensor):
        return output
    pooled = getattr(output, "pooler_output", None)
    chosen: Tensor = pooled if pooled is not None else output.last_hidden_state[:, 0]
    return chosen


def _bad(path: Path, why: str) -> MuseStudioError:
    return MuseStudioError(ErrorKind.BAD_MODEL, f"The encoder in “{path}” cannot be used: {why[:400]}.")
