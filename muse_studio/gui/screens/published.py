"""A published cascade as its pictures need it: fetched by a script, and of the right sizes while it takes no room.

Nothing comes over a network, and nothing is in the weights; what the page tells of them is read from their headers.
"""

from __future__ import annotations

import json
from pathlib import Path

from muse_studio.core.cascade_facts import FileRecord
from muse_studio.core.catalogue import find_published
from muse_studio.core.fetched import write_note

NAME = "amused-512"
PARAMETERS = {
    "transformer/diffusion_pytorch_model": 608_257_792,
    "vqvae/diffusion_pytorch_model": 146_244_675,
    "text_encoder/model": 123_650_304,
}
_TEXTS = {
    "README.md": "# amused-512\n\nThe card that its authors have written stands here.\n",
    "model_index.json": '{"_class_name": "AmusedPipeline"}',
    "scheduler/scheduler_config.json": '{"mask_token_id": 8255}',
    "text_encoder/config.json": "{}",
    "tokenizer/merges.txt": "#version: 0.2\n",
    "tokenizer/vocab.json": "{}",
    "transformer/config.json": '{"_class_name": "UVit2DModel", "sample_size": 32}',
    "vqvae/config.json": "{}",
}


def lay_down(folder: Path) -> None:
    """As a finished download leaves it. The weights are holes: a header, and a length."""
    for name, text in _TEXTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    for part, count in PARAMETERS.items():
        entry = {"dtype": "F32", "shape": [count], "data_offsets": [0, 4 * count]}
        header = json.dumps({"weight": entry}).encode()
        with (folder / f"{part}.safetensors").open("wb") as file:
            file.write(len(header).to_bytes(8, "little") + header)
            file.truncate(8 + len(header) + 4 * count)
    files = {
        path.relative_to(folder).as_posix(): FileRecord("0" * 64, path.stat().st_size)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    write_note(folder, find_published(NAME), "0" * 40, "openrail++", files)
