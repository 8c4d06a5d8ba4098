"""How bad a rate may truly be when few errors were seen: the exact binomial bound of Clopper and Pearson."""

from __future__ import annotations

import math

_HALVINGS = 60


def upper_bound(errors: int, trials: int, *, confidence: float = 0.95) -> float:
    """The one-sided upper bound on the rate; with no trials nothing is known and it is 1."""
    if trials == 0 or errors >= trials:
        return 1.0
    low, high = errors / trials, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_most(errors, trials, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(errors: int, trials: int, rate: float) -> float:
    """The probability of no more than *errors* in *trials* at *rate*, which is above 0 and below 1."""
    logs = (
        math.lgamma(trials + 1)
        - math.lgamma(k + 1)
        - math.lgamma(trials - k + 1)
        + k * math.log(rate)
        + (trials - k) * math.log1p(-rate)
        for k in range(errors + 1)
    )
    return math.fsum(math.exp(log) for log in logs)
