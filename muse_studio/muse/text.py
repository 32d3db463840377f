"""Frozen text encoders: prompts in, one state per token out (Muse 2.1).

Any T5 family encoder, and BERT family ones such as MiniLM, from a folder in the transformers layout. Weights come from
safetensors only, and no code that a folder brings is ever run. Knows nothing of the transformers that read the states.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from muse_studio.muse.checkpoint import write_atomically
from muse_studio.muse.folder import Folder
from muse_studio.muse.lodging import Home, Lodging
from muse_studio.muse.text_model import T5_SHARED_NAME, T5_TIED_NAME, load_text_model, text_fault
from muse_studio.muse.transformers_folder import CONFIG_NAME, INDEX_NAME, WEIGHTS_NAME

TEXT_LENGTH_TOKENS = 128  # the paper's length; captions of the default set need 28 at most
TEXT_LIMIT_CHARACTERS = 16_384  # tokenising is linear in this; 128 tokens never need more
TOKENIZER_LIMIT_BYTES = 64 * 2**20  # T5's is 2.4 MB, mT5's 16 MB
NO_LIMIT = 2**31
TOKENIZER_NAME = "tokenizer.json"
TOKENIZER_CONFIG_NAME = "tokenizer_config.json"
SENTENCEPIECE_NAME = "spiece.model"

# Control characters say nothing to an encoder, and a lone surrogate cannot be written as UTF-8 at all.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class TextError(ValueError):
    """A prompt could not be tokenised: the message says why."""


@dataclass(frozen=True, slots=True)
class TextStates:
    """Encoded prompts, padded to the longest of the batch.

    states: float [B, L, D]; zeros where `mask` is False.
    mask:   bool [B, L]; True = a token of the text, False = padding.
    cut:    one per prompt; True where the text was longer than the encoder reads and its end was left out.
    """

    states: Tensor
    mask: Tensor
    cut: tuple[bool, ...] = field(default=())


def clean_text(text: str) -> str:
    """`text` without what no tokenizer can take: lone surrogates become U+FFFD, control characters a space."""
    return _CONTROL.sub(" ", _SURROGATE.sub("\ufffd", text[:TEXT_LIMIT_CHARACTERS]))


class TextEncoder:
    """A frozen encoder with its tokenizer. Not a module: it is never trained and never part of a state dict."""

    def __init__(
        self, model: nn.Module, tokenizer: Tokenizer, *, length: int, pad_id: int, lodging: Lodging | None = None
    ) -> None:
        """`length`: tokens read of each text, special ones included. `pad_id`: any valid id; padding is masked out.

        lodging: where the model is while it encodes and in between; None leaves it where it is.
        """
        self._lodging = lodging or Lodging(model)
        self._config: Any = model.config
        self._tokenizer = tokenizer
        self._pad_id = pad_id
        self.length = length
        tokenizer.no_padding()
        tokenizer.enable_truncation(length)

    @classmethod
    def load(
        cls,
        folder: Path | Folder,
        device: torch.device | str = "cpu",
        *,
        length: int = TEXT_LENGTH_TOKENS,
        dtype: torch.dtype = torch.float32,
        home: Home = "device",
    ) -> TextEncoder:
        """The encoder in `folder` (config.json, tokenizer.json, safetensors); never looks outside it.

        home: where its weights are between prompts. What does not stay on the device is loaded on the CPU.
        A `Folder` with records is verified as it is read, every time; a plain path is not.
        Raises CheckpointError with the problems found.
        """
        source = folder if isinstance(folder, Folder) else Folder(folder)
        config = source.read_json(CONFIG_NAME)
        lodging = Lodging(
            load_text_model(source, config, dtype), home, device, lambda: load_text_model(source, config, dtype)
        )
        tokenizer, settings = _load_tokenizer(source)
        length = min(length, _tokenizer_length(settings), _model_length(config))
        pad_id = config.get("pad_token_id")
        pad_id = pad_id if isinstance(pad_id, int) else 0
        return cls(lodging.model, tokenizer, length=length, pad_id=pad_id, lodging=lodging)

    @classmethod
    def from_hub(cls, name: str, device: torch.device | str = "cpu", **options: Any) -> TextEncoder:
        """Downloads `name` ("google/t5-v1_1-xxl") into the Hub's cache, safetensors only, and loads it from there.

        The only function here that reaches for the network: call it when a person asked for it.
        """
        from huggingface_hub import snapshot_download

        wanted = [CONFIG_NAME, "tokenizer*.json", SENTENCEPIECE_NAME, "*.safetensors", INDEX_NAME]
        path = Path(snapshot_download(name, allow_patterns=wanted))
        return cls.load(Folder(path, root=path.parents[1]), device, **options)  # the cache links snapshots to blobs

    def save(self, folder: Path) -> None:
        """Writes what `load` reads: config.json, tokenizer.json and the weights, in float16 where that loses nothing.

        Raises OSError.
        """
        from safetensors.torch import save

        folder.mkdir(parents=True, exist_ok=True)
        state = {name: _smallest(tensor) for name, tensor in self.model.state_dict().items()}
        if T5_SHARED_NAME in state:
            state.pop(T5_TIED_NAME, None)
        settings = json.dumps({"model_max_length": self.length}, indent=2)
        write_atomically(folder / CONFIG_NAME, self._config.to_json_string(use_diff=True).encode())
        write_atomically(folder / TOKENIZER_NAME, self._tokenizer.to_str().encode())
        write_atomically(folder / TOKENIZER_CONFIG_NAME, settings.encode())
        write_atomically(folder / WEIGHTS_NAME, save(state, metadata={"format": "pt"}))

    @property
    def model(self) -> nn.Module:
        """The frozen transformers module, read from its files again where it was dropped."""
        return self._lodging.model

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer, set to cut at `length` and not to pad."""
        return self._tokenizer

    @property
    def width(self) -> int:
        """Numbers in one token's state, D."""
        return int(getattr(self._config, "d_model", None) or self._config.hidden_size)

    @property
    def device(self) -> torch.device:
        """Where it encodes, and where the states that `encode` returns lie."""
        return self._lodging.work_device

    @property
    def home(self) -> Home:
        """Where the weights are between prompts."""
        return self._lodging.home

    @property
    def dtype(self) -> torch.dtype:
        """The numbers it computes with."""
        return self._lodging.dtype

    @torch.no_grad()
    def encode(self, texts: Sequence[str]) -> TextStates:
        """States of `texts`, float [B, L, D] with L the longest of the batch. Raises TextError."""
        if isinstance(texts, str) or not texts:
            raise TextError("encode takes a sequence of at least one text")
        rows, cut = self._tokenize(texts)
        longest = max(len(row) for row in rows)
        ids = torch.full((len(rows), longest), self._pad_id, dtype=torch.long)
        mask = torch.zeros(len(rows), longest, dtype=torch.bool)
        for index, row in enumerate(rows):
            ids[index, : len(row)] = torch.tensor(row, dtype=torch.long)
            mask[index, : len(row)] = True
        ids, mask = ids.to(self.device), mask.to(self.device)
        with self._lodging.at_work() as model:
            output = model(input_ids=ids, attention_mask=mask.long())
        states: Tensor = output.last_hidden_state.masked_fill(~mask[..., None], 0.0)
        return TextStates(states, mask, cut)

    def cut(self, texts: Sequence[str]) -> tuple[bool, ...]:
        """For each text, whether `encode` would leave out its end. Raises TextError."""
        return self._tokenize(texts)[1]

    def _tokenize(self, texts: Sequence[str]) -> tuple[list[list[int]], tuple[bool, ...]]:
        """Ids of each text, at least one, and whether its end was cut off."""
        with _no_panic(lambda error: TextError(f"the text could not be tokenised: {error}")):
            encodings = self._tokenizer.encode_batch([clean_text(text) for text in texts])
        rows = [list(encoding.ids) or [self._pad_id] for encoding in encodings]
        cut = tuple(
            bool(encoding.overflowing) or len(text) > TEXT_LIMIT_CHARACTERS
            for encoding, text in zip(encodings, texts, strict=True)
        )
        return rows, cut


def _smallest(tensor: Tensor) -> Tensor:
    """`tensor` for a file: in float16 where every number survives, as those of an encoder stored so do."""
    half = tensor.half() if tensor.is_floating_point() else tensor
    return (half if torch.equal(half.to(tensor.dtype), tensor) else tensor).cpu().contiguous()


def _load_tokenizer(folder: Folder) -> tuple[Tokenizer, dict[str, Any]]:
    """The tokenizer and its settings; folders with a sentencepiece model alone are converted by transformers."""
    settings = folder.read_json(TOKENIZER_CONFIG_NAME) if folder.has(TOKENIZER_CONFIG_NAME) else {}
    if not folder.has(TOKENIZER_NAME):
        return _convert_sentencepiece(folder), settings
    data = folder.read(TOKENIZER_NAME, TOKENIZER_LIMIT_BYTES)
    with _no_panic(lambda error: text_fault(folder, f"{TOKENIZER_NAME}: {error}")):
        return Tokenizer.from_buffer(data), settings


def _convert_sentencepiece(folder: Folder) -> Tokenizer:
    if not folder.has(SENTENCEPIECE_NAME):
        raise text_fault(folder, f"{TOKENIZER_NAME}: missing")
    from transformers import T5TokenizerFast  # by its own class: AutoTokenizer would heed a folder that names code

    folder.read(SENTENCEPIECE_NAME, TOKENIZER_LIMIT_BYTES)  # refuses links out of the folder and wrong hashes
    hint = f"{SENTENCEPIECE_NAME}: could not be converted; a folder with {TOKENIZER_NAME} needs no conversion"
    with _no_panic(lambda error: text_fault(folder, f"{hint}: {error}")):
        fast: Any = T5TokenizerFast.from_pretrained(folder.path, local_files_only=True)
        return Tokenizer.from_str(fast.backend_tokenizer.to_str())


@contextmanager
def _no_panic(explain: Callable[[BaseException], Exception]) -> Iterator[None]:
    """Turns whatever a tokenizer raises into `explain`'s error: the library's panics are BaseExceptions."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        raise explain(error) from error


def _tokenizer_length(settings: Mapping[str, Any]) -> int:
    """What the tokenizer says it was made for; absent or absurd (1e30 = no limit) means no limit."""
    value = settings.get("model_max_length")
    return int(value) if isinstance(value, int | float) and 1 <= value < NO_LIMIT else NO_LIMIT


def _model_length(config: Mapping[str, Any]) -> int:
    """Positions of a BERT; T5's are relative and have no end."""
    value = config.get("max_position_embeddings")
    return value if config["model_type"] == "bert" and isinstance(value, int) and value >= 1 else NO_LIMIT
