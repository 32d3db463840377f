"""What a decode tells the world, as numpy arrays: `StepEvent`s, then one `ResultEvent` for each picture.

Both ends of the pipe, and the command line, use these same values. Knows nothing of how they are made or sent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class StepEvent:
    """One step of parallel decoding of one variation.

    index, total:         position within the stage, index from 0.
    stage:                "base" or "superres"; a model of one stage has "base" only.
    job_index, job_total: position within the whole job, both stages together.
    tokens:               int32 [h, w], every position filled.
    confidence:           float32 [h, w] in [0, 1]; 1 where the caller gave the token.
    known:                bool [h, w]; True where the token is fixed from now on.
    preview:              uint8 [s, s, 3] sRGB; [0, 0, 3] when a newer preview overtook it on the way.
    seconds_left:         estimate for the rest of the job; None until a step has been timed.
    variation:            which of the request's pictures this is, from 0; all of them make a step before the next one.
    """

    index: int
    total: int
    stage: str
    job_index: int
    job_total: int
    tokens: NDArray[np.int32]
    confidence: NDArray[np.float32]
    known: NDArray[np.bool_]
    preview: NDArray[np.uint8]
    seconds_left: float | None
    variation: int = 0

    @property
    def has_preview(self) -> bool:
        """False when the preview was dropped for a newer one; tokens and confidence are always whole."""
        return self.preview.size > 0

    @property
    def is_last(self) -> bool:
        """True for the last step of the job."""
        return self.job_index + 1 == self.job_total


@dataclass(frozen=True, slots=True, eq=False)
class ResultEvent:
    """One finished picture of a job; that of the last variation is the job's end.

    picture:         uint8 [S, S, 3] sRGB; S is the request's size.
    base_tokens:     int32 [n, n]; None when an empty mask made the job a plain copy of its picture.
    superres_tokens: int32 [m, m]; None where there is no super-resolution, and for a plain copy.
    seconds:         from the job's first moment in the worker to the finished picture.
    edited:          uint8 [S, S], 255 over the cells that an edit without a mask has changed, or that were rolled again
                     or given new detail; None for modes whose mask says it.
    notes:           what the person should know of how it was made, one sentence each.
    variation:       which of the request's pictures this is, from 0.
    """

    picture: NDArray[np.uint8]
    base_tokens: NDArray[np.int32] | None
    superres_tokens: NDArray[np.int32] | None
    seconds: float
    edited: NDArray[np.uint8] | None = None
    notes: tuple[str, ...] = ()
    variation: int = 0
