"""Kernels that are right, at every level and under several contracts: none may be found wrong.

python Tests/Python/honest.py 700          so many cases each; needs torch
"""

import sys
import time

import gdr
import numpy as np
import torch
from gdr.workers import worker


def of_mask(mask, x, otherwise=0):
    """The live tokens of x."""
    return x if mask is None else torch.where(mask.reshape(mask.shape + (1,) * (x.ndim - 2)), x, otherwise)


def recurrence(q, k, v, g, beta, state=None, mask=None):
    """In the format of g, which is one a head or one a channel."""
    Hk, Dk, Hv, Dv = *q.shape[2:], *v.shape[2:]
    q, k, v, beta = (of_mask(mask, x.to(g.dtype)) for x in (q, k, v, beta))
    q, k = (x.repeat_interleave(Hv // Hk, dim=2) for x in (q, k))
    g = of_mask(mask, g, 1)
    S = g.new_zeros(len(q), Hv, Dv, Dk) if state is None else state.to(g.dtype)
    ys = []
    for t in range(q.shape[1]):
        S = S * (g[:, t, :, None, None] if g.ndim == 3 else g[:, t, :, None, :])
        e = v[:, t] - (S @ k[:, t, :, :, None])[..., 0]
        S = S + (beta[:, t, :, None] * e)[..., None] * k[:, t, :, None, :]
        ys.append((S @ q[:, t, :, :, None])[..., 0])
    return torch.stack(ys, 1), S


def of_log(q, k, v, g, beta, state=None, mask=None):
    return recurrence(q, k, v, of_mask(mask, g).exp(), beta, state, mask)


def with_gradients(q, k, v, g, beta, state, mask, dy, dstate_out):
    """In numpy, with gradients of its own."""
    inputs = dict(q=q, k=k, v=v, g=g, beta=beta, state_in=state, mask=mask, dy=dy, dstate_out=dstate_out)
    arithmetic = "double" if q.dtype == np.float64 else "working"
    return worker.evaluate({n: t for n, t in inputs.items() if t is not None}, {"arithmetic": arithmetic, "gradients": "yes"})


KERNELS = {
    "torch": (recurrence, {"decay_per": "either"}),
    "torch, also in float64": (recurrence, {"decay_per": "either", "double": True}),
    "torch, of log g": (of_log, {"contract": "decay=log"}),
    "torch, bounded gates": (recurrence, {"contract": "gate=bounded:-5,beta=2sigmoid"}),
    "torch, without A_log": (recurrence, {"contract": "gate=bounded:-5,noA"}),
    "numpy": (with_gradients, {"decay_per": "either", "double": True, "arrays": "numpy"}),
    "numpy, bounded gates": (with_gradients, {"contract": "gate=bounded:-5,beta=2sigmoid", "arrays": "numpy"}),
}

if __name__ == "__main__":
    torch.set_num_threads(1)
    for name, (kernel, options) in KERNELS.items():
        start = time.monotonic()
        outcome = gdr.judge(kernel, cases=int(sys.argv[1]), seed=11, **options)
        print(f"{name}: {outcome.passed} pass, {outcome.refused} refused, {time.monotonic() - start:.0f} s", flush=True)
