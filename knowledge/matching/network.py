"""A network of one hidden layer: log-odds of one thing from a few dozen numbers that speak for and against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_ARRAYS = ("centre", "spread", "hidden", "threshold", "out")


@dataclass(frozen=True, slots=True)
class Network:
    """`centre`, `spread`: of each input where it was learned; `hidden`: a column a unit; `out`: a weight a unit."""

    centre: npt.NDArray[np.float64]
    spread: npt.NDArray[np.float64]
    hidden: npt.NDArray[np.float64]
    threshold: npt.NDArray[np.float64]
    out: npt.NDArray[np.float64]
    bias: float

    def log_odds(self, values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Of each row of `values` (or of the one row it is)."""
        units = np.tanh(((values - self.centre) / self.spread) @ self.hidden + self.threshold)
        return np.asarray(units @ self.out + self.bias)

    def dump(self) -> dict[str, Any]:
        """As JSON has it, rounded; `load` reads it."""
        arrays = (self.centre, self.spread, self.hidden, self.threshold, self.out)
        return {name: np.round(array, 4).tolist() for name, array in zip(_ARRAYS, arrays, strict=True)} | {
            "bias": round(self.bias, 4)
        }

    @classmethod
    def load(cls, read: Mapping[str, Any]) -> Network:
        centre, spread, hidden, threshold, out = (np.asarray(read[name], dtype=np.float64) for name in _ARRAYS)
        return cls(centre, spread, hidden, threshold, out, float(read["bias"]))
