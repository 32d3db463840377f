"""Classifier-free guidance in two ways with one result: both halves in one batch, or one after the other. Muse 2.7.

A batch computes the conditional and the unconditional logits together; one after the other takes half the memory for
activations. Where memory runs out in a batch, the step is computed again one after the other, and so are all that
follow. Knows nothing of schedules, nor of what chose the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

import torch
from torch import Tensor

from muse_studio.muse.device import classify_out_of_memory, release_memory
from muse_studio.muse.layers import Context
from muse_studio.muse.sampling import Predict, per_token

Way = Literal["batch", "sequential"]
WAYS: tuple[Way, ...] = get_args(Way)

Told = TypeVar("Told")
"""What a model is told beside the tokens: a context of as many rows."""
Model = Callable[[Tensor, Told, Tensor], Tensor]
"""(tokens int64 [B, h, w], context of B rows, wanted bool [B, h, w]) to logits [N, codebook_size] where wanted."""
Guide = Callable[[Tensor, Tensor, Tensor], Tensor]
"""(conditional, unconditional, both [N, V], the paper's t [N, 1]) to guided logits, in the memory of the arguments."""


@dataclass(slots=True)
class Guidance:
    """How guided logits are computed from now on.

    way:     "batch" or "sequential".
    yielded: True once memory ran out in a batch, so that `way` is no longer the one that was chosen.
    """

    way: Way = "batch"
    yielded: bool = False

    def predict(self, model: Model[Context], both: Context) -> Predict:
        """Logits guided away from the second half of a context, which holds the negative prompts."""
        count = both.mask.shape[0] // 2
        return self.between(model, both, rows(both, slice(0, count)), rows(both, slice(count, None)))

    def between(
        self, model: Model[Told], both: Told, positive: Told, negative: Told, guide: Guide | None = None
    ) -> Predict:
        """The same of any context and its two halves. guide: how both logits become one; None: `guide_in_place`."""
        guide = guide or guide_in_place

        @torch.no_grad()
        def predict(tokens: Tensor, guidance: Tensor, wanted: Tensor) -> Tensor:
            if not guidance.any():
                return model(tokens, positive, wanted).float()
            strength = per_token(guidance, wanted)
            if self.way == "batch":
                try:
                    pair = model(tokens.repeat(2, 1, 1), both, wanted.repeat(2, 1, 1))
                    conditional, unconditional = pair.float().chunk(2)
                    return guide(conditional, unconditional, strength)
                except (RuntimeError, MemoryError) as fault:
                    if not classify_out_of_memory(fault):
                        raise
                # The except clause is left first: the fault's frames hold the tensors that filled the memory.
                self.way, self.yielded = "sequential", True
                release_memory(tokens.device)
            conditional = model(tokens, positive, wanted).float()
            return guide(conditional, model(tokens, negative, wanted).float(), strength)

        return predict


def guide_in_place(conditional: Tensor, unconditional: Tensor, guidance: Tensor) -> Tensor:
    """`sampling.guide` to the last bit, in the memory of its arguments: of logits, every copy takes up to 134 MB."""
    return conditional.mul_(1 + guidance).sub_(unconditional.mul_(guidance))


def rows(context: Context, which: slice) -> Context:
    """Some rows of a context, as views."""
    keys_values = tuple((key[which], value[which]) for key, value in context.keys_values)
    placed, draft = (None if part is None else part[which] for part in (context.placed, context.draft))
    return Context(keys_values, context.mask[which], placed, draft)
