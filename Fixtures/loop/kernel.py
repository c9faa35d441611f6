#!/usr/bin/env python3
"""A kernel and the worker around it: what mend.py mends, in a copy. python3 kernel.py FOLDER, where FOLDER has worker.py

    S~ = S g ;  e = v - S~ k ;  S = S~ + beta e k^T ;  y = S q
"""

import sys

import numpy as np

sys.path.insert(0, sys.argv[1])
import worker  # noqa: E402
from worker import apply, outer  # noqa: E402


def evaluate(x, request):
    """Results by name. A masked token leaves S as it was, and the gradients of its inputs are zero."""
    real = np.float64 if request["arithmetic"] == "double" else np.float32
    live = x.get("mask", np.ones(x["q"].shape[:2], bool))
    x = {n: t.astype(real) for n, t in x.items() if n != "mask"}
    v, (g, beta) = x["v"], (x["g"], x["beta"]) if "g" in x else worker.gates(x, live)
    group = v.shape[2] // x["k"].shape[2]
    q, k = (np.repeat(x[n], group, axis=2) for n in "qk")
    states, y = forward(q, k, v, wide(g), beta, live, state_in(x, real))
    found = {"y": y, "state_out": states[-1]}
    if request["gradients"] == "no":
        return found
    dstate = x.get("dstate_out", np.zeros_like(states[-1]))
    dq, dk, dv, dg, dbeta, dstate_in = backward(q, k, v, wide(g), beta, live, states, x.get("dy", np.zeros_like(v)), dstate)
    found |= {"dq": grouped(dq, group), "dk": grouped(dk, group), "dv": dv, "dstate_in": dstate_in}
    dg = dg.sum(-2) if g.ndim == 4 else dg.sum((-1, -2))
    return found | ({"dg": dg, "dbeta": dbeta} if "g" in x else worker.gates_back(x, live, dg, dbeta))


def forward(q, k, v, g, beta, live, S):
    """The states before each token and after the last, and y [B,T,Hv,Dv]."""
    states, y = [S], np.zeros_like(v)
    for t in range(v.shape[1]):
        St = S * g[:, t]
        e = v[:, t] - apply(St, k[:, t])
        new = St + outer(beta[:, t, :, None] * e, k[:, t])
        y[:, t] = apply(new, q[:, t])
        S = np.where(live[:, t, None, None, None], new, S)
        states.append(S)
    return states, y


def backward(q, k, v, g, beta, live, states, dy, dS):
    """dq dk [B,T,Hv,Dk], dv, dg [B,T,Hv,Dv,Dk] before its sums, dbeta, dstate_in."""
    dq, dk, dv, dbeta = (np.zeros_like(t) for t in (q, k, v, beta))
    dg = np.zeros((*v.shape, k.shape[-1]), v.dtype)
    for t in reversed(range(v.shape[1])):
        row = live[:, t, None, None]
        before, bt = states[t], beta[:, t, :, None]
        St = before * g[:, t]
        e = v[:, t] - apply(St, k[:, t])
        dnew = dS + outer(dy[:, t], q[:, t])
        h = apply(dnew, k[:, t])
        dSt = dnew - outer(bt * h, k[:, t])
        dq[:, t] = np.where(row, apply(turned(states[t + 1]), dy[:, t]), 0)
        dk[:, t] = np.where(row, apply(turned(dnew), bt * e) - apply(turned(St), bt * h), 0)
        dv[:, t] = np.where(row, bt * h, 0)
        dbeta[:, t] = np.where(row[..., 0], (h * e).sum(-1), 0)
        dg[:, t] = np.where(row[..., None], dSt * before, 0)
        dS = np.where(row[..., None], dSt * g[:, t], dS)
    return dq, dk, dv, dg, dbeta, dS


def state_in(x, real):
    B, _, Hv, Dv = x["v"].shape
    return x.get("state_in", np.zeros((B, Hv, Dv, x["k"].shape[-1]), real))


def wide(g):
    """Against S [B,Hv,Dv,Dk], token by token."""
    return g[..., None, :] if g.ndim == 4 else g[..., None, None]


def grouped(d, group):
    """Summed over the value heads of each key head."""
    B, T, Hv, Dk = d.shape
    return d.reshape(B, T, Hv // group, group, Dk).sum(3)


def turned(S):
    return S.swapaxes(-1, -2)


if __name__ == "__main__":
    worker.serve(worker.DECLARATION | {"name": "kernel"}, evaluate)
