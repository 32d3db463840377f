"""The model of a frozen text encoder: made of a folder's config.json and safetensors, shard by shard.

T5 family encoders and BERT family ones, in the transformers layout. It is built on meta, where it costs nothing, and
takes the tensors of the files one at a time as its own: beside the finished model no more than one tensor is in
memory, which is what lets T5-XXL load where it fits at all. Knows nothing of tokenizers or prompts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from muse_studio.muse.checkpoint import compare_shapes, read_header, stream_tensors
from muse_studio.muse.folder import CheckpointError, Folder
from muse_studio.muse.transformers_folder import CONFIG_NAME, IGNORED_SETTINGS, SETTING_LIMIT, weight_names

T5_SHARED_NAME = "shared.weight"
T5_TIED_NAME = "encoder.embed_tokens.weight"
LAYER_LIMIT = 128  # T5-XXL has 24


def text_fault(folder: Folder, problem: str) -> CheckpointError:
    """The error for an encoder's folder that cannot be used because of `problem`."""
    return CheckpointError(f"the text encoder in {folder.path} cannot be used", (problem,))


def load_text_model(folder: Folder, config: Mapping[str, Any], dtype: torch.dtype) -> nn.Module:
    """A frozen encoder on the CPU, whose every tensor was in the folder's safetensors. Raises CheckpointError.

    All headers are compared with the configuration before the first byte of a tensor is read.
    """
    model = meta_model(folder, config)
    expected = needed_tensors(model)
    try:
        names = weight_names(folder)
    except CheckpointError as error:
        raise text_fault(folder, str(error)) from error
    _check_headers(folder, names, expected)
    state: dict[str, Tensor] = {}
    for name in names:
        for key, tensor in stream_tensors(folder, name, wanted=lambda key: own_name(key) in expected):
            state[own_name(key)] = tensor.to(dtype)
    return _filled(model, state)


def text_parameters(folder: Folder, config: Mapping[str, Any]) -> int:
    """Parameters of the encoder that a config.json describes; nothing is allocated. Raises CheckpointError."""
    return sum(tensor.numel() for tensor in needed_tensors(meta_model(folder, config)).values())


def meta_model(folder: Folder, config: Mapping[str, Any]) -> nn.Module:
    """The encoder of a config.json on the meta device. Raises CheckpointError."""
    with torch.device("meta"):
        try:
            return build_text_model(config)
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:
            raise text_fault(folder, f"{CONFIG_NAME}: {error}") from error


def build_text_model(settings: Mapping[str, Any]) -> nn.Module:
    """The encoder of a config.json, randomly initialised. Raises ValueError, and whatever transformers may raise."""
    from transformers import BertConfig, BertModel, T5Config, T5EncoderModel

    settings = {key: value for key, value in settings.items() if key not in IGNORED_SETTINGS}
    if any(isinstance(value, int) and value > SETTING_LIMIT for value in settings.values()):
        raise ValueError(f"a number in it is over {SETTING_LIMIT}")
    if any("layers" in key and isinstance(value, int) and value > LAYER_LIMIT for key, value in settings.items()):
        raise ValueError(f"it has more than {LAYER_LIMIT} layers")
    kinds: dict[str, tuple[Any, Any, dict[str, Any]]] = {
        "t5": (T5Config, T5EncoderModel, {}),
        "bert": (BertConfig, BertModel, {"add_pooling_layer": False}),
    }
    if settings.get("model_type") not in kinds:
        raise ValueError(f"model_type {settings.get('model_type')!a} is not read; t5 and bert are")
    config_class, model_class, options = kinds[settings["model_type"]]
    model: nn.Module = model_class(config_class.from_dict(settings), **options)
    return model


def needed_tensors(model: nn.Module) -> dict[str, Tensor]:
    """What the files must hold for this model; a table that has two names is needed once."""
    needed = dict(model.state_dict())
    needed.pop(T5_TIED_NAME, None)
    return needed


def own_name(key: str) -> str:
    """A tensor's name in the bare encoder: BERT heads prefix it, encoder-only T5 files hold its other name."""
    key = key.removeprefix("bert.")
    return T5_SHARED_NAME if key == T5_TIED_NAME else key


def _check_headers(folder: Folder, names: list[str], expected: Mapping[str, Tensor]) -> None:
    """Raises CheckpointError where the files together do not hold what is expected; they may hold more."""
    found: dict[str, tuple[int, ...]] = {}
    for name in names:
        found |= {own_name(key): info.shape for key, info in read_header(folder, name).items()}
    problems = compare_shapes(expected, {key: shape for key, shape in found.items() if key in expected})
    if problems:
        raise CheckpointError(f"the text encoder in {folder.path} does not fit its {CONFIG_NAME}", problems)


def _filled(model: nn.Module, state: dict[str, Tensor]) -> nn.Module:
    """`model`, built on meta, with these tensors for its own. Raises RuntimeError where something is left on meta."""
    if T5_SHARED_NAME in state:
        state[T5_TIED_NAME] = state[T5_SHARED_NAME]
    model.load_state_dict(state, strict=True, assign=True)
    if T5_SHARED_NAME in state:  # one parameter and not two of one memory: moving the model would copy it twice
        parts: Any = model
        parts.encoder.embed_tokens.weight = parts.shared.weight
    for module in model.modules():
        _count_positions(module)
    left = [name for name, tensor in (*model.named_parameters(), *model.named_buffers()) if tensor.is_meta]
    if left:
        raise RuntimeError(f"buffers outside the state dict cannot be loaded: {left[:5]}")
    return model.eval().requires_grad_(False)


def _count_positions(module: nn.Module) -> None:
    """Gives a BERT its buffers that no file holds, where this version of transformers has them."""
    for name, buffer in module.named_buffers(recurse=False):
        if buffer.is_meta and name == "position_ids":
            setattr(module, name, torch.arange(buffer.shape[-1]).expand(buffer.shape))
        elif buffer.is_meta and name == "token_type_ids":
            setattr(module, name, torch.zeros(buffer.shape, dtype=buffer.dtype))
