"""Small pictures of tokens at a fraction of a decode's price: one convolution over the codes, learned from the decoder.

A published checkpoint brings no such thing, and a decode costs as much as four steps of sampling. So the decoder is
watched once at some pictures, and the convolution that comes nearest to it in the sense of least squares is kept beside
the settings. Any tokenizer of the same interface will do. Knows nothing of steps, cascades or windows.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from muse_studio.core.errors import MuseStudioError
from muse_studio.core.files import atomic_write
from muse_studio.core.settings import settings_folder
from muse_studio.muse.checkpoint import read_tensors
from muse_studio.muse.folder import CheckpointError, Folder
from muse_studio.weights.preview_pictures import invented_picture

Report = Callable[[float, str], None]
"""(share done in [0, 1], what is being done)"""

FOLDER = "previews"
PATCH_PX = 8  # of a token's side in a preview: half of what a published token has
SIDE_PX = 256  # of what crosses the pipe in every step
SIDE_TOKENS = 16  # of the pictures that are learned from
PICTURES = 24
FEWEST = 4
BUDGET_S = 60.0  # no more pictures are begun after this, but for the fewest; a GPU takes a second for all
REACH = 3  # tokens a side that a patch is made of: one neighbour each way
SHRINKING = (1e-4, 1e-3, 1e-2, 1e-1)
"""Weight decay of the least squares, in units of the codes' own power; a picture that was held back chooses."""
SAMPLED = 4096  # numbers of each tensor that take part in a tokenizer's name


class Tokenizer(Protocol):
    """A VQGAN, ours or a published one, whose config has `factor`, the pixels of a token's side."""

    config: Any

    def encode(self, pictures: Tensor) -> Tensor: ...

    def decode(self, tokens: Tensor) -> Tensor: ...

    def look_up(self, tokens: Tensor) -> Tensor: ...

    def state_dict(self) -> dict[str, Tensor]: ...


class Preview:
    """Previews of one tokenizer's tokens. `head` is on its device, in float32."""

    def __init__(self, tokenizer: Tokenizer, head: nn.Conv2d) -> None:
        self.tokenizer, self.head = tokenizer, head
        self.patch = patch_of(tokenizer)

    @torch.no_grad()
    def __call__(self, tokens: Tensor) -> Tensor:
        """Pictures uint8 [B, H, W, 3] of tokens int64 [B, h, w], with sides of SIDE_PX at most."""
        pictures = self.pictures(tokens)
        pictures = F.avg_pool2d(pictures, math.ceil(max(pictures.shape[-2:]) / SIDE_PX))
        return (pictures * 255 + 0.5).to(torch.uint8).permute(0, 2, 3, 1).contiguous()

    @torch.no_grad()
    def pictures(self, tokens: Tensor) -> Tensor:
        """The same before it is made smaller, float32 [B, 3, h * patch, w * patch] in [0, 1]."""
        patches = self.head(self.tokenizer.look_up(tokens).float())
        return F.pixel_shuffle(patches, self.patch).clamp(0, 1)


def patch_of(tokenizer: Tokenizer) -> int:
    """Pixels of a token's side in a preview."""
    return min(PATCH_PX, int(tokenizer.config.factor))


def load_preview(
    tokenizer: Tokenizer,
    report: Report | None = None,
    folder: Path | None = None,
    *,
    budget_s: float = BUDGET_S,
    clock: Callable[[], float] = time.monotonic,
) -> Preview:
    """The preview that was learned of this tokenizer before; where there is none, or it is damaged, it is learned now.

    folder: where previews are kept, beside the settings unless said otherwise. One that cannot be kept is used all
    the same, and learned again next time.
    """
    home = folder or settings_folder() / FOLDER
    identity = identity_of(tokenizer)
    device = next(iter(tokenizer.state_dict().values())).device
    head = _kept(tokenizer, home, identity)
    if head is None:
        head = learn(tokenizer, report, budget_s=budget_s, clock=clock)
        try:
            home.mkdir(parents=True, exist_ok=True)
            atomic_write(home / f"{identity}.safetensors", _stored(head, identity))
        except (MuseStudioError, OSError):
            pass
    return Preview(tokenizer, head.to(device))


def identity_of(tokenizer: Tokenizer) -> str:
    """A name for these very weights, 32 hexadecimal digits; the same whichever float dtype they were loaded in.

    Of some numbers of every tensor, for all of them would take as long as a step. An encoder's have no part in what
    tokens look like; of one that waits in its file for a picture, nothing is brought into memory for this.
    """
    digest = hashlib.sha256(f"{REACH} {patch_of(tokenizer)}".encode())
    for name, tensor in sorted(tokenizer.state_dict().items()):
        if name.startswith("encoder."):
            continue
        few = tensor.detach().flatten()[:: max(1, tensor.numel() // SAMPLED)].bfloat16()
        digest.update(f"{name} {list(tensor.shape)}".encode() + few.view(torch.int16).cpu().numpy().tobytes())
    return digest.hexdigest()[:32]


# Learning


@torch.no_grad()
def learn(
    tokenizer: Tokenizer,
    report: Report | None = None,
    *,
    pictures: int = PICTURES,
    budget_s: float = BUDGET_S,
    clock: Callable[[], float] = time.monotonic,
) -> nn.Conv2d:
    """The convolution of codes that comes nearest to the decoder, on the CPU, in float32.

    More pictures make it better, and the time for them is bounded: see BUDGET_S. Deterministic for a given count.
    """
    report = report or (lambda share, what: None)
    begun = clock()
    seen: list[tuple[Tensor, Tensor]] = []
    for pair in _pairs(tokenizer):
        seen.append(pair)
        spent = (clock() - begun) / max(budget_s, 1e-9)
        report(min(1.0, max(spent, len(seen) / pictures)), "learning to make quick previews, once for this model")
        if len(seen) >= pictures or (spent >= 1 and len(seen) >= FEWEST):
            break
    products = [_products(*pair) for pair in seen]
    *others, last = products
    held = seen[-1]
    shrinking = min(SHRINKING, key=lambda share: _error(_solve(others, share), *held))
    return _as_convolution(_solve([*others, last], shrinking), tokenizer)


def _pairs(tokenizer: Tokenizer) -> Iterator[tuple[Tensor, Tensor]]:
    """Of one picture after another: what surrounds each token, float32 [N, 9 * code_dim + 1], and its pixels in the
    full decode, [N, 3 * patch * patch], both less the middle grey."""
    factor, patch = int(tokenizer.config.factor), patch_of(tokenizer)
    first = next(tensor for tensor in tokenizer.state_dict().values() if tensor.is_floating_point())
    number = 0
    while True:
        picture = invented_picture(number, SIDE_TOKENS * factor)[None].to(first.device, first.dtype)
        tokens = tokenizer.encode(picture.contiguous(memory_format=torch.channels_last))
        decoded = F.avg_pool2d(tokenizer.decode(tokens), factor // patch)
        around = F.unfold(tokenizer.look_up(tokens).float(), REACH, padding=REACH // 2)[0].T
        pixels = F.pixel_unshuffle(decoded, patch)[0].flatten(1).T
        yield F.pad(around, (0, 1), value=1.0).cpu(), pixels.float().cpu() - 0.5
        number += 1


def _products(around: Tensor, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """What the normal equations need of a picture, in float64."""
    wide = around.double()
    return wide.T @ wide, wide.T @ pixels.double()


def _solve(products: list[tuple[Tensor, Tensor]], shrinking: float) -> Tensor:
    """Least squares with shrunken weights, [9 * code_dim + 1, 3 * patch * patch]; the constant is not shrunken."""
    square, cross = (sum(parts) for parts in zip(*products, strict=True))
    assert isinstance(square, Tensor)
    assert isinstance(cross, Tensor)
    shrunk = torch.full((len(square),), shrinking * float(square.diagonal()[:-1].mean()), dtype=torch.float64)
    shrunk[-1] = 0
    weights: Tensor = torch.linalg.solve(square + shrunk.clamp_min(1e-9).diag(), cross)
    return weights


def _error(weights: Tensor, around: Tensor, pixels: Tensor) -> float:
    return float((around.double() @ weights - pixels).pow(2).mean())


def _as_convolution(weights: Tensor, tokenizer: Tokenizer) -> nn.Conv2d:
    outputs = weights.shape[1]
    head = _empty(tokenizer)
    head.weight = nn.Parameter(weights[:-1].T.reshape(outputs, -1, REACH, REACH).float().contiguous())
    head.bias = nn.Parameter(weights[-1].float() + 0.5)
    return head.requires_grad_(False)


def blank_head(tokenizer: Tokenizer) -> nn.Conv2d:
    """One that has learned nothing, on the CPU: for measuring what a preview costs."""
    return _empty(tokenizer).to_empty(device="cpu").requires_grad_(False)


def _empty(tokenizer: Tokenizer) -> nn.Conv2d:
    codes = tokenizer.look_up(torch.zeros(1, 1, 1, dtype=torch.long, device=_device(tokenizer))).shape[1]
    with torch.device("meta"):
        head = nn.Conv2d(codes, 3 * patch_of(tokenizer) ** 2, REACH, padding=REACH // 2)
    return head


def _device(tokenizer: Tokenizer) -> torch.device:
    return next(iter(tokenizer.state_dict().values())).device


# Keeping


def _stored(head: nn.Conv2d, identity: str) -> bytes:
    from safetensors.torch import save

    assert head.bias is not None
    tensors = {"weight": head.weight.data.contiguous(), "bias": head.bias.data.contiguous()}
    return save({**tensors, "seal": _seal(tensors, identity)})


def _kept(tokenizer: Tokenizer, home: Path, identity: str) -> nn.Conv2d | None:
    """None where nothing is kept, or it is not whole: then it is as if there were nothing."""
    head = _empty(tokenizer)
    expected = {**head.state_dict(), "seal": torch.empty(32, device="meta")}
    try:
        tensors = read_tensors(Folder(home), f"{identity}.safetensors", expected)
    except (CheckpointError, OSError):
        return None
    seal = tensors.pop("seal")
    if not seal.equal(_seal(tensors, identity)) or any(part.dtype is not torch.float32 for part in tensors.values()):
        return None
    head.load_state_dict(tensors, assign=True)
    return head.requires_grad_(False)


def _seal(tensors: dict[str, Tensor], identity: str) -> Tensor:
    """uint8 [32] that belongs to these numbers and this tokenizer: one that is wrong tells of damage."""
    digest = hashlib.sha256(identity.encode())
    for name in sorted(tensors):
        digest.update(tensors[name].contiguous().view(torch.uint8).numpy().tobytes())
    return torch.frombuffer(bytearray(digest.digest()), dtype=torch.uint8)
