"""What a person means who chooses one file where a cascade's folder is wanted. Knows no torch; the data is not read.

A cascade is never one file: it needs its tokenizer and its numbers, too. A file inside a cascade's folder means that
folder; of any other it is said what it is, as far as the names of its tensors tell.
"""

from __future__ import annotations

from pathlib import Path

from muse_studio.core.cascade_folder import CASCADE_NAME, is_cascade
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.files import printable
from muse_studio.core.folder_files import PICKLE_SUFFIXES, bad_model
from muse_studio.core.published_folder import INDEX_NAME
from muse_studio.core.weights_header import read_tensors

_PARTS = {
    "mlm_layer.conv2.weight": "transformer",
    "quantize.embedding.weight": "vqvae",
    "text_model.embeddings.token_embedding.weight": "text_encoder",
}
"""A tensor by which each part of a published cascade is known."""

_OTHER_MODELS = (
    "model.diffusion_model.",
    "first_stage_model.",
    "down_blocks.",
    "double_blocks.",
    "transformer_blocks.",
)


def folder_of_file(path: Path) -> Path:
    """The cascade's folder that the file belongs to. MuseStudioError(BAD_MODEL) says what it is where there is none."""
    for folder in (path.parent, path.parent.parent):
        if is_cascade(folder):
            return folder
    raise bad_model(_told(path), str(path))


def _told(path: Path) -> str:
    name, suffix = printable(path.name), path.suffix.lower()
    if suffix in PICKLE_SUFFIXES:
        return f"“{name}” is a file that can run code when it is opened. It is never opened: choose a cascade's folder."
    if suffix != ".safetensors":
        return f"“{name}” is a single file. A cascade is a folder with {CASCADE_NAME} or {INDEX_NAME} in it."
    try:
        names = tuple(read_tensors(path.parent, path.name))
    except (MuseStudioError, OSError) as fault:
        return str(fault)
    if any("lora_" in each or ".lora." in each for each in names):
        return (
            f"“{name}” is a LoRA, which changes another model and is none by itself. Load it on top of an aMUSEd model."
        )
    for tensor, part in _PARTS.items():
        if tensor in names:
            return (
                f"“{name}” is only the {part} of a published cascade. Choose the folder that holds the other parts, "
                "too: transformer, vqvae, text_encoder and tokenizer."
            )
    if any(each.startswith(_OTHER_MODELS) for each in names):
        return f"“{name}” is a model of another kind, such as Stable Diffusion. It cannot run here."
    return f"“{name}” is no part of a cascade that runs here. Choose a cascade's folder."
