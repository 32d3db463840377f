"""What runs are fed with: the events of a decode, seen only as far as a run needs them. Knows no messages."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class StepNumbers(Protocol):
    """Which step it is: `index` of `total` in its stage, `job_index` of `job_total` in its job."""

    @property
    def index(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def stage(self) -> str: ...
    @property
    def job_index(self) -> int: ...
    @property
    def job_total(self) -> int: ...


class DecodedStep(StepNumbers, Protocol):
    """One step of one variation; `ipc.events.StepEvent` is one."""

    @property
    def tokens(self) -> NDArray[np.int32]: ...
    @property
    def confidence(self) -> NDArray[np.float32]: ...
    @property
    def known(self) -> NDArray[np.bool_]: ...
    @property
    def preview(self) -> NDArray[np.uint8]: ...
    @property
    def variation(self) -> int: ...


class DecodedResult(Protocol):
    """One finished picture; `ipc.events.ResultEvent` is one."""

    @property
    def picture(self) -> NDArray[np.uint8]: ...
    @property
    def base_tokens(self) -> NDArray[np.int32] | None: ...
    @property
    def superres_tokens(self) -> NDArray[np.int32] | None: ...
    @property
    def seconds(self) -> float: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def variation(self) -> int: ...
