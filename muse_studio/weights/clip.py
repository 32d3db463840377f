"""The CLIP text encoders of published checkpoints: prompts in, states and one pooled vector out.

The network is transformers' own class, built on meta and filled from safetensors; no code that a folder brings is run.
Unlike muse/text.py there is no mask: the checkpoints were trained on prompts padded to their full length, and padding
is read like any word. Knows nothing of the transformers that read the states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from muse_studio.muse.checkpoint import compare_shapes, read_header, stream_tensors
from muse_studio.muse.folder import CheckpointError, Folder, fault
from muse_studio.muse.lodging import Home, Lodging
from muse_studio.muse.text import TEXT_LIMIT_CHARACTERS, TOKENIZER_LIMIT_BYTES, TextError, clean_text
from muse_studio.muse.text_model import LAYER_LIMIT
from muse_studio.muse.transformers_folder import CONFIG_NAME, IGNORED_SETTINGS, SETTING_LIMIT

WEIGHTS_NAMES = ("model.safetensors", "model.fp16.safetensors")
TOKENIZER_NAME = "tokenizer.json"
VOCABULARY_NAME = "vocab.json"
MERGES_NAME = "merges.txt"
SPECIAL_NAMES = ("tokenizer_config.json", "special_tokens_map.json")
END = "<|endoftext|>"
MODEL_TYPE = "clip_text_model"
STORED_POSITIONS = "text_model.embeddings.position_ids"
"""Counting from 0 to 76, which older files hold as a tensor."""


@dataclass(frozen=True, slots=True)
class ClipStates:
    """Encoded prompts, all of the encoder's full length.

    states: float [B, L, D], the last hidden states but one, without the final normalisation.
    pooled: float [B, P], the projected state at the end of the text.
    cut:    one per prompt; True where the text was longer than the encoder reads and its end was left out.
    """

    states: Tensor
    pooled: Tensor
    cut: tuple[bool, ...]


class ClipText:
    """A frozen CLIP text encoder with its tokenizer."""

    def __init__(self, lodging: Lodging, tokenizer: Tokenizer) -> None:
        """tokenizer: set to cut and to pad at the encoder's length."""
        self._lodging = lodging
        self.tokenizer = tokenizer

    @property
    def length(self) -> int:
        """Tokens that it reads of a prompt, the two ends included."""
        truncation = self.tokenizer.truncation
        assert truncation is not None, "it is set by `load_tokenizer`"
        return int(truncation["max_length"])

    @property
    def model(self) -> nn.Module:
        """The network where it is now; see `Lodging`."""
        return self._lodging.model

    @property
    def home(self) -> Home:
        """Where the weights are between prompts."""
        return self._lodging.home

    @property
    def dtype(self) -> torch.dtype:
        """The numbers it computes with."""
        return self._lodging.dtype

    @classmethod
    def load(
        cls,
        encoder: Folder,
        tokenizer: Folder,
        device: torch.device | str = "cpu",
        *,
        dtype: torch.dtype = torch.float32,
        home: Home = "device",
        dress: Callable[[nn.Module], nn.Module] = lambda model: model,
    ) -> ClipText:
        """Of a published text_encoder/ and tokenizer/. Raises CheckpointError with the problems found.

        dress: what is done to the network whenever it was loaded.
        """

        def load() -> nn.Module:
            return dress(load_model(encoder, dtype))

        lodging = Lodging(load(), home, device, load)
        settings: Any = lodging.model.config
        return cls(lodging, load_tokenizer(tokenizer, settings.max_position_embeddings, settings.vocab_size))

    @torch.no_grad()
    def encode(self, texts: Sequence[str]) -> ClipStates:
        """States of at least one text; the empty one is what guidance leads away from. Raises TextError."""
        if isinstance(texts, str) or not texts:
            raise TextError("encode takes a sequence of at least one text")
        ids, cut = self._tokenize(texts)
        with self._lodging.at_work() as model:
            output = model(input_ids=torch.tensor(ids, device=self._lodging.work_device), output_hidden_states=True)
        return ClipStates(output.hidden_states[-2], output.text_embeds, cut)

    def cut(self, texts: Sequence[str]) -> tuple[bool, ...]:
        """For each text, whether `encode` would leave out its end. Raises TextError."""
        return self._tokenize(texts)[1]

    def _tokenize(self, texts: Sequence[str]) -> tuple[list[list[int]], tuple[bool, ...]]:
        """Ids of each text, all of the full length, and whether its end was cut off."""
        with _no_panic(lambda error: TextError(f"the text could not be tokenised: {error}")):
            rows = self.tokenizer.encode_batch([clean_text(text) for text in texts])
        cut = tuple(
            bool(row.overflowing) or len(text) > TEXT_LIMIT_CHARACTERS for row, text in zip(rows, texts, strict=True)
        )
        return [list(row.ids) for row in rows], cut


# The network


def meta_model(folder: Folder) -> nn.Module:
    """The encoder of a config.json on the meta device. Raises CheckpointError."""
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection

    table = folder.read_json(CONFIG_NAME)
    settings = {key: value for key, value in table.items() if key not in IGNORED_SETTINGS}
    numbers = {key: value for key, value in settings.items() if isinstance(value, int)}
    if settings.get("model_type") != MODEL_TYPE:
        raise fault(folder.path, f"{CONFIG_NAME}: model_type {settings.get('model_type')!a} is not {MODEL_TYPE}")
    if any(value > SETTING_LIMIT or ("layers" in key and value > LAYER_LIMIT) for key, value in numbers.items()):
        raise fault(folder.path, f"{CONFIG_NAME}: a number in it is over {SETTING_LIMIT}, or of layers {LAYER_LIMIT}")
    with (
        torch.device("meta"),
        _no_panic(lambda error: fault(folder.path, f"{CONFIG_NAME}: {error}")),
    ):
        model: nn.Module = CLIPTextModelWithProjection(CLIPTextConfig.from_dict(settings))
    return model


def parameter_count(folder: Folder) -> int:
    """Parameters of the encoder that a config.json describes; nothing is allocated. Raises CheckpointError."""
    return sum(tensor.numel() for tensor in meta_model(folder).state_dict().values())


def load_model(folder: Folder, dtype: torch.dtype) -> nn.Module:
    """A frozen encoder on the CPU. Raises CheckpointError before anything is allocated where the file does not fit."""
    model = meta_model(folder)
    expected = model.state_dict()
    name = next((name for name in WEIGHTS_NAMES if folder.has(name)), None)
    if name is None:
        raise fault(folder.path, f"{WEIGHTS_NAMES[0]}: missing, and other formats are never opened")
    found = {key: info.shape for key, info in read_header(folder, name).items() if key != STORED_POSITIONS}
    problems = compare_shapes(expected, found)
    if problems:
        raise CheckpointError(f"the text encoder in {folder.path} does not fit its {CONFIG_NAME}", problems)
    tensors = stream_tensors(folder, name, wanted=expected.__contains__, mapped=dtype)
    state = {key: tensor.to(dtype) for key, tensor in tensors}
    model.load_state_dict(state, strict=True, assign=True)
    for module in model.modules():
        for buffer, tensor in module.named_buffers(recurse=False):
            if buffer == STORED_POSITIONS.rpartition(".")[2]:
                setattr(module, buffer, torch.arange(tensor.shape[-1]).expand(tensor.shape))
    left = [key for key, tensor in (*model.named_parameters(), *model.named_buffers()) if tensor.is_meta]
    if left:
        raise RuntimeError(f"buffers outside the state dict cannot be loaded: {left[:5]}")
    return model.eval().requires_grad_(False)


# The tokenizer


def load_tokenizer(folder: Folder, length: int, vocabulary: int) -> Tokenizer:
    """The tokenizer, cutting and padding at `length`: of one file, or of a vocabulary and its merges.

    Raises CheckpointError, also where an id is none of the network's `vocabulary`.
    """
    with _no_panic(lambda error: fault(folder.path, f"the tokenizer cannot be read: {error}")):
        if folder.has(TOKENIZER_NAME):
            tokenizer = Tokenizer.from_buffer(folder.read(TOKENIZER_NAME, TOKENIZER_LIMIT_BYTES))
        else:
            tokenizer = _from_merges(folder)
    pad = _padding(folder)
    pad_id = tokenizer.token_to_id(pad)
    if pad_id is None:
        raise fault(folder.path, f"the padding {ascii(pad)[:40]} is not in the vocabulary")
    if tokenizer.get_vocab_size() > vocabulary:
        raise fault(folder.path, f"{tokenizer.get_vocab_size()} tokens, and the encoder knows {vocabulary}")
    tokenizer.enable_truncation(length)
    tokenizer.enable_padding(length=length, pad_id=pad_id, pad_token=pad)
    return tokenizer


def _from_merges(folder: Folder) -> Tokenizer:
    """As transformers puts it together, of the two files in which CLIP was published."""
    from transformers import CLIPTokenizer

    vocabulary = folder.read_json(VOCABULARY_NAME, TOKENIZER_LIMIT_BYTES)
    lines = folder.read(MERGES_NAME, TOKENIZER_LIMIT_BYTES).decode("utf-8").splitlines()
    merges: Any = [tuple(line.split()) for line in lines if line.strip() and not line.startswith("#version")]
    fast: Any = CLIPTokenizer(vocab=vocabulary, merges=merges)
    return Tokenizer.from_str(fast.backend_tokenizer.to_str())


def _padding(folder: Folder) -> str:
    """The token that fills a prompt up. It is read like any other, so a wrong one changes every picture."""
    for name in SPECIAL_NAMES:
        token = folder.read_json(name).get("pad_token") if folder.has(name) else None
        content = token.get("content") if isinstance(token, Mapping) else token
        if isinstance(content, str):
            return content
    return END


@contextmanager
def _no_panic(explain: Callable[[BaseException], Exception]) -> Iterator[None]:
    """Turns whatever transformers or a tokenizer raises into `explain`'s error: some panics are BaseExceptions."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, CheckpointError):
        raise
    except BaseException as error:
        raise explain(error) from error
