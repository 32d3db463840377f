"""A perceptual distance by an image model that a person names: CLIP, DINOv2, ConvNeXt, ResNet and their kin.

The model is a folder in the transformers layout. Weights come from safetensors only, no code that the folder brings is
run, and nothing is fetched. Features are compared as LPIPS compares them (Zhang et al., "The Unreasonable Effectiveness
of Deep Features as a Perceptual Metric"), with all channels weighed alike. Knows nothing about tokenizers.
"""

from __future__ import annotations

import hashlib
import inspect
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.muse.folder import CheckpointError, Folder
from muse_studio.muse.transformers_folder import CONFIG_NAME, IGNORED_SETTINGS, SETTING_LIMIT, assemble, read_state

PREPROCESSOR_NAME = "preprocessor_config.json"
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
LAYERS = 5  # of all layers, evenly spread: early ones see strokes, late ones see things
CELL_PX = 32  # the widest cell of the convolutional models; a model of patches names its own
PROBE_PX = 64


class ModelDistance:
    """See `training.losses.Distance`."""

    def __init__(self, model: nn.Module, name: str, mean: tuple[float, ...], spread: tuple[float, ...]) -> None:
        """`name` says which weights these are. `mean`, `spread`: of the colours that the model was trained with."""
        self.name = name
        self.model = model.eval().requires_grad_(False)
        settings: Any = model.config
        device = next(model.parameters()).device
        self.mean = torch.tensor(mean, device=device)[:, None, None]
        self.spread = torch.tensor(spread, device=device)[:, None, None]
        patch = getattr(settings, "patch_size", None)
        self.cell = patch if isinstance(patch, int) and patch > 4 else CELL_PX
        resizes = "interpolate_pos_encoding" in inspect.signature(model.forward).parameters
        self.options = {"interpolate_pos_encoding": True} if resizes else {}

    @classmethod
    def load(cls, path: Path, device: torch.device) -> ModelDistance:
        """The image model in the folder `path`. Raises MuseStudioError BAD_MODEL where it can't be used."""
        folder = Folder(path)
        try:
            if not path.is_dir():
                raise CheckpointError("there is no such folder")
            model, name = _load_model(folder)
            mean, spread = _colours(folder)
            made = cls(model.to(device), name, mean, spread)
            probe = torch.rand(1, 3, PROBE_PX, PROBE_PX, device=device)
            if not torch.isfinite(made(probe, 1 - probe)):
                raise CheckpointError("its features are no numbers")
        except MuseStudioError:
            raise
        # A library builds and runs what a folder describes: it fails in every way there is.
        except Exception as error:
            raise MuseStudioError(
                ErrorKind.BAD_MODEL,
                f"{path} can't judge pictures: {str(error)[:300]}. Name a folder with the config.json and the "
                "safetensors of an image model, or write --perceptual filters.",
                repr(error),
            ) from error
        return made

    def __call__(self, made: Tensor, real: Tensor) -> Tensor:
        with torch.no_grad():
            wanted = self._features(real)
        gaps = [(one - other).pow(2).sum(1).mean() for one, other in zip(self._features(made), wanted, strict=True)]
        return torch.stack(gaps).mean()

    def _features(self, pictures: Tensor) -> list[Tensor]:
        """Features of some layers, each [B, channels, places] and of unit length along the channels."""
        sides = [max(self.cell, round(side / self.cell) * self.cell) for side in pictures.shape[-2:]]
        resized = F.interpolate(pictures.float(), size=sides, mode="bilinear", antialias=True, align_corners=False)
        pixels = (resized - self.mean) / self.spread
        with torch.autocast(pixels.device.type, torch.bfloat16):
            states = self.model(pixel_values=pixels, output_hidden_states=True, **self.options).hidden_states
        later = states[1:] or states
        picked = sorted({round(number) for number in torch.linspace(0, len(later) - 1, LAYERS).tolist()})
        # Transformers answer [B, places, channels], convolutions [B, channels, height, width].
        rows = [later[number].float() for number in picked]
        return [F.normalize(row.transpose(1, 2) if row.ndim == 3 else row.flatten(2), dim=1) for row in rows]


def _load_model(folder: Folder) -> tuple[nn.Module, str]:
    """The model without a head, whose every tensor was in the folder's safetensors; and a hash of them.

    Raises CheckpointError, and whatever transformers raises on a configuration that it can't build.
    """
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING
    from transformers.models.auto.modeling_auto import MODEL_MAPPING

    settings = {key: value for key, value in folder.read_json(CONFIG_NAME).items() if key not in IGNORED_SETTINGS}
    if any(isinstance(value, int) and value > SETTING_LIMIT for value in settings.values()):
        raise CheckpointError(f"a number in its {CONFIG_NAME} is over {SETTING_LIMIT}")
    kind = settings.get("model_type")
    if kind not in CONFIG_MAPPING:
        raise CheckpointError(f"its model_type {kind!a} is not one that transformers knows")
    config: Any = CONFIG_MAPPING[kind].from_dict(settings)
    config = getattr(config, "vision_config", config)  # of a pair with a text model, such as CLIP, the half that sees
    model_class: Any = MODEL_MAPPING.get(type(config), None)
    if model_class is None or model_class.main_input_name != "pixel_values":
        raise CheckpointError(f"its model_type {kind!a} is no image model")
    state = read_state(folder)
    digest = hashlib.sha256()
    for name in sorted(state):
        digest.update(name.encode() + state[name].flatten().view(torch.uint8).numpy().tobytes())
    # A pooler comes after the last features and has no say in them.
    return assemble(model_class, config, state, spare=("pooler",)), f"{kind} {digest.hexdigest()[:16]}"


def _colours(folder: Folder) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and spread of the colours that the model expects; ImageNet's where the folder does not say."""
    told = folder.read_json(PREPROCESSOR_NAME) if folder.has(PREPROCESSOR_NAME) else {}
    found = []
    for name, usual in zip(("image_mean", "image_std"), IMAGENET, strict=True):
        value = told.get(name, usual)
        if not isinstance(value, list | tuple) or len(value) != 3 or not all(isinstance(x, float | int) for x in value):
            raise CheckpointError(f"{PREPROCESSOR_NAME}: {name} is not three numbers")
        found.append(tuple(float(x) for x in value))
    if min(found[1]) <= 0:
        raise CheckpointError(f"{PREPROCESSOR_NAME}: image_std is not positive")
    return found[0], found[1]
