#!/usr/bin/env python3
"""@TITLE@

    @RECIPE@

Needs @FRAMEWORK@ and nothing else. Put a call of your kernel into `kernel`, which as it stands is the rule written plainly, and run
this file: it prints which results are off and by how much, and ends with 1 where any is.
"""

@IMPORTS@
from math import inf, nan  # noqa: F401

import numpy as np
#if torch
import torch
#endif
#if mlx
import mlx.core as mx
#endif


def kernel(q, k, v, g, beta, state, mask):
    """q, k [B,T,Hk,Dk], v [B,T,Hv,Dv], g [B,T,Hv] or per channel [B,T,Hv,Dk] (the factor, not its logarithm), beta [B,T,Hv],
    state [B,Hv,Dv,Dk], mask [B,T] or None. Returns y like v and the state after the last token.

    S~ = S g;   e = v - S~ k;   S = S~ + beta e k^T;   y = S q       value head h reads key head h // (Hv // Hk)
    """
#if torch
    if mask is not None:  # what a masked token holds is selected away: NaN times zero is NaN
        q, k, v = (torch.where(mask[..., None, None], x, 0.0) for x in (q, k, v))
        beta = torch.where(mask[..., None], beta, 0.0)
        g = torch.where(mask[(...,) + (None,) * (g.dim() - 2)], g, 1.0)
    q, k = (x.repeat_interleave(v.shape[2] // x.shape[2], dim=2) for x in (q, k))
    g = g[..., None, :] if g.dim() == 4 else g[..., None, None]
    y = []
    for t in range(v.shape[1]):
        state = state * g[:, t]
        e = v[:, t] - torch.einsum("bhvk,bhk->bhv", state, k[:, t])
        state = state + torch.einsum("bhv,bhk->bhvk", beta[:, t, :, None] * e, k[:, t])
        y.append(torch.einsum("bhvk,bhk->bhv", state, q[:, t]))
    return torch.stack(y, dim=1) if y else v * 1, state * 1
#endif
#if mlx
    if mask is not None:  # what a masked token holds is selected away: NaN times zero is NaN
        q, k, v = (mx.where(mask[..., None, None], x, 0.0) for x in (q, k, v))
        beta = mx.where(mask[..., None], beta, 0.0)
        g = mx.where(mask[(...,) + (None,) * (g.ndim - 2)], g, 1.0)
    q, k = (mx.repeat(x, v.shape[2] // x.shape[2], axis=2) for x in (q, k))
    g = g[..., None, :] if g.ndim == 4 else g[..., None, None]
    y = []
    for t in range(v.shape[1]):
        state = state * g[:, t]
        e = v[:, t] - (state * k[:, t, :, None, :]).sum(-1)
        state = state + (beta[:, t, :, None] * e)[..., None] * k[:, t, :, None, :]
        y.append((state * q[:, t, :, None, :]).sum(-1))
    return mx.stack(y, axis=1) if y else v, state
#endif
#if numpy
    if mask is not None:  # what a masked token holds is selected away: NaN times zero is NaN
        q, k, v = (np.where(mask[..., None, None], x, np.float32(0)) for x in (q, k, v))
        beta = np.where(mask[..., None], beta, np.float32(0))
        g = np.where(mask[(...,) + (None,) * (g.ndim - 2)], g, np.float32(1))
    q, k = (np.repeat(x, v.shape[2] // x.shape[2], axis=2) for x in (q, k))
    g = g[..., None, :] if g.ndim == 4 else g[..., None, None]
    y = []
    for t in range(v.shape[1]):
        state = state * g[:, t]
        e = v[:, t] - np.einsum("bhvk,bhk->bhv", state, k[:, t])
        state = state + np.einsum("bhv,bhk->bhvk", beta[:, t, :, None] * e, k[:, t])
        y.append(np.einsum("bhvk,bhk->bhv", state, q[:, t]))
    return np.stack(y, axis=1) if y else v, state
#endif


def gates(a, b, A_log, dt_bias):
    """g = exp(-exp(A_log) softplus(a + dt_bias)), beta = sigmoid(b)."""
#if torch
    rate = A_log.exp() if a.dim() == 3 else A_log.reshape(-1, 1).exp()
    return (-rate * torch.nn.functional.softplus(a + dt_bias)).exp(), b.sigmoid()
#endif
#if mlx
    rate = mx.exp(A_log) if a.ndim == 3 else mx.exp(A_log.reshape(-1, 1))
    return mx.exp(-rate * mx.logaddexp(a + dt_bias, mx.array(0.0))), mx.sigmoid(b)
#endif
#if numpy
    rate = np.exp(A_log) if a.ndim == 3 else np.exp(A_log.reshape(-1, 1))
    with np.errstate(over="ignore"):
        return np.exp(-rate * np.logaddexp(a + dt_bias, np.float32(0))), 1 / (1 + np.exp(-b))
#endif


@LOADING@
INPUTS = [n for n in ("q", "k", "v", "g", "beta", "a", "b", "A_log", "dt_bias", "state_in") if n in CASE]


def live_gates(x, mask):
    """The gates of the model; what a masked token holds is selected away before, so that no gradient meets it."""
    a, b = x["a"], x["b"]
    if mask is not None:
        where = @WHERE@
        a = where(mask[(...,) + (None,) * (a.ndim - 2)], a, 0.0)
        b = where(mask[..., None], b, 0.0)
    return gates(a, b, x["A_log"], x["dt_bias"])


def forward(x, mask):
    g, beta = (x["g"], x["beta"]) if "g" in x else live_gates(x, mask)
    return kernel(x["q"], x["k"], x["v"], g, beta, x["state_in"], mask)


def results():
    """Outputs, and gradients of sum(dy y) + sum(dstate_out state_out), as numpy arrays."""
    live = CASE.get("mask")
    dy, dstate = CASE["dy"], CASE["dstate_out"]
#if torch
    x = {n: torch.tensor(CASE[n], requires_grad=True) for n in INPUTS}
    y, state = forward(x, None if live is None else torch.tensor(live))
    ((y * torch.tensor(dy)).sum() + (state * torch.tensor(dstate)).sum()).backward()
    found = {"y": y, "state_out": state} | {"d" + n: x[n].grad for n in INPUTS}
    return {n: None if t is None else (t.detach().double().numpy(), str(t.dtype)) for n, t in found.items()}
#endif
#if mlx
    mask = None if live is None else mx.array(live)
    outputs, found = mx.vjp(
        lambda *x: forward(dict(zip(INPUTS, x)), mask), [mx.array(CASE[n]) for n in INPUTS], [mx.array(dy), mx.array(dstate)]
    )
    named = dict(zip(["y", "state_out"] + ["d" + n for n in INPUTS], list(outputs) + list(found)))
    return {n: (np.array(t.astype(mx.float32), np.float64), str(t.dtype)) for n, t in named.items()}
#endif
#if numpy
    y, state = forward({n: CASE[n] for n in INPUTS}, live)
    return {"y": (y.astype(np.float64), str(y.dtype)), "state_out": (state.astype(np.float64), str(state.dtype))}
#endif


def roundoff(stored):
    """What storing a result costs, by the name of its type."""
    return 2.0**-8 if stored.endswith("bfloat16") else 2.0**-11 if stored.endswith("float16") else 0.0


def main():
    answers, wrong = results(), []
    for name, expected in EXPECTED.items():
        if name not in answers:
            print(f"{name:10} not computed")
            continue
        if answers[name] is None:
            if np.any(expected != 0):
                wrong.append(name)
            print(f"{name:10} {'WRONG: it has no gradient, the path to it is cut' if name in wrong else 'right'}")
            continue
        found, stored = answers[name]
        if found.shape != expected.shape:
            print(f"{name:10} WRONG: its shape is {found.shape}, not {expected.shape}")
            wrong.append(name)
            continue
        u = roundoff(stored)
        with np.errstate(invalid="ignore"):
            off = np.abs(found - expected)
        allowed = (1 + u) * ALLOWED[name] + u * np.abs(expected)
        bad = ~(off <= allowed)  # a NaN is wrong
        if LEAVES_RANGE:
            bad &= np.isfinite(found)  # the rule leaves the range of float32 on its way
        if name == "y" and "mask" in CASE:
            bad &= CASE["mask"][..., None, None]  # what it holds at a masked token is not specified
        if not bad.any():
            print(f"{name:10} right")
            continue
        wrong.append(name)
        worst = np.unravel_index(np.argmax(np.where(bad, np.nan_to_num(off / allowed, nan=np.inf), -1)), off.shape)
        place = ",".join(map(str, worst))
        print(f"{name:10} WRONG at {bad.sum()} of {bad.size}: [{place}] is {found[worst]:.9g}, not {expected[worst]:.9g}, allowed {allowed[worst]:.2g}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
