"""Refuses what is hard: keys that are nearly equal, a decay that forgets much, a strong write. What is left anybody passes."""

import numpy as np
from kernel import answer
from worker import Refusal


def evaluate(x, request):
    if "g" in x and x["g"].min(initial=1) < 0.5:
        raise Refusal("out of resources: shared memory")
    if "beta" in x and x["beta"].max(initial=0) > 0.9:
        raise Refusal("out of resources: registers")
    if x["k"].shape[1] > 1 and nearly_equal(x["k"].astype(np.float64)):
        raise Refusal("out of resources: threads")
    return answer(x, request)


def nearly_equal(k):
    """Whether some key and the next one of its head point the same way."""
    with np.errstate(all="ignore"):
        k = k / np.sqrt((k * k).sum(-1, keepdims=True))
        return bool((np.abs((k[:, 1:] * k[:, :-1]).sum(-1)) > 0.9).any())
