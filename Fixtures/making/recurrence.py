"""The check: a float64 recurrence and its reverse sweep, and how far a library's results are from it."""

import numpy as np
from layers import lowered

from .case import sigmoid


def rounded(t, dtype):
    """t rounded to a 16-bit type; wider types are left as float64."""
    return t.astype(dtype).astype(np.float64) if np.dtype(dtype).itemsize == 2 else t


def sigmoid_as(dtype, b):
    """MLX rounds the exponential and the result to the type of b."""
    if np.dtype(dtype).itemsize != 2:
        return sigmoid(b)
    r = 1 / (1 + rounded(np.exp(np.abs(b)), dtype))
    return rounded(np.where(b < 0, r, 1 - r), dtype)


def softplus_as(dtype, z):
    z = rounded(z, dtype)
    return z, rounded(np.maximum(z, 0) + rounded(np.log1p(rounded(np.exp(-np.abs(z)), dtype)), dtype), dtype)


def reference(x, contract):
    """y, state_out and every gradient in float64."""
    f = {n: t if n == "mask" else t.astype(np.float64) for n, t in x.items()}
    if str(contract) != "plain":
        with np.errstate(over="ignore"):
            core, results = lowered(f, contract)
            return results(recurrence(core))
    if "g" in x:
        return recurrence(f)
    core, gradients = mlx_gates(x, f)
    out = recurrence(core)
    return gradients(out) if "dg" in out else out


def mlx_gates(x, f):
    """The problem at core level, from gates rounded as MLX rounds them, and the way back to those."""
    gate_type = x["a"].dtype if x["a"].dtype == x["dt_bias"].dtype else np.float32
    z, softplus = softplus_as(gate_type, f["a"] + f["dt_bias"])
    lam = -np.exp(f["A_log"]) * softplus
    g, beta = np.exp(lam), sigmoid_as(x["b"].dtype, f["b"])

    def gradients(out):
        dg, dbeta = out.pop("dg"), out.pop("dbeta")
        dlam = dg * g
        da = -dlam * np.exp(f["A_log"]) * sigmoid(z)
        dA_log = (dlam * lam).sum((0, 1))
        return out | {"da": da, "db": dbeta * beta * (1 - beta), "ddt_bias": da.sum((0, 1)), "dA_log": dA_log.sum(-1, keepdims=True) if g.ndim == 4 else dA_log}

    return f | {"g": g, "beta": beta}, gradients


def recurrence(f):
    """y, state_out and, where there are cotangents, every gradient of a float64 problem at core level."""
    B, T, Hk, Dk = f["q"].shape
    Hv, Dv = f["v"].shape[2:]
    group = Hv // Hk
    g, beta = f["g"], f["beta"]
    q, k = np.repeat(f["q"], group, axis=2), np.repeat(f["k"], group, axis=2)
    v = f["v"]
    decay = g[..., None, :] if g.ndim == 4 else g[..., None, None]
    live = f.get("mask", np.ones((B, T), bool))[:, :, None, None, None]

    S = f.get("state_in", np.zeros((B, Hv, Dv, Dk)))
    states, y = [S], np.zeros_like(v)
    for t in range(T):
        St = S * decay[:, t]
        e = v[:, t] - np.einsum("bhij,bhj->bhi", St, k[:, t])
        C = St + (beta[:, t, :, None] * e)[..., None] * k[:, t, :, None, :]
        y[:, t] = np.einsum("bhij,bhj->bhi", C, q[:, t])
        S = np.where(live[:, t], C, S)
        states.append(S)
    out = {"y": y, "state_out": S}
    if "dy" not in f and "dstate_out" not in f:
        return out

    dS = f.get("dstate_out", np.zeros_like(S))
    dy = f.get("dy", np.zeros_like(v))
    dq, dk, dv, dbeta, dg = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v), np.zeros_like(beta), np.zeros_like(g)
    for t in reversed(range(T)):
        before, kt, bt = states[t], k[:, t], beta[:, t, :, None]
        St = before * decay[:, t]
        e = v[:, t] - np.einsum("bhij,bhj->bhi", St, kt)
        C = St + (bt * e)[..., None] * kt[:, :, None, :]
        dC = np.where(live[:, t], dS, 0) + dy[:, t, :, :, None] * q[:, t, :, None, :]
        dd = np.einsum("bhij,bhj->bhi", dC, kt)
        de = bt * dd
        dSt = dC - de[..., None] * kt[:, :, None, :]
        dq[:, t] = np.einsum("bhij,bhi->bhj", C, dy[:, t])
        dk[:, t] = np.einsum("bhij,bhi->bhj", dC, bt * e) - np.einsum("bhij,bhi->bhj", St, de)
        dv[:, t], dbeta[:, t] = de, (dd * e).sum(-1)
        dg[:, t] = (dSt * before).sum(-2) if g.ndim == 4 else (dSt * before).sum((-1, -2))
        dS = np.where(live[:, t], dSt * decay[:, t], dS)
    out |= {n: t.reshape(B, T, Hk, group, Dk).sum(3) for n, t in (("dq", dq), ("dk", dk))}
    return out | {"dv": dv, "dstate_in": dS, "dg": dg, "dbeta": dbeta}


# Largest error of (outputs, gradients) over the largest element, by the tensor's own type. A 16-bit output is rounded once; its gradients several
# times, and summed over the heads of a group in 16 bits.
TOLERANCE = {"float64": (1e-14, 1e-14), "float32": (3e-6, 1e-5), "bfloat16": (4e-3, 1e-2), "float16": (5e-4, 1e-3)}


def errors(x, results, contract):
    """Error of each result over the largest element of the true one; y at masked steps means nothing."""
    expected = reference(x, contract)
    worst = {}
    for name, tensor in results.items():
        true = expected[name]
        if name == "y" and "mask" in x:
            tensor, true = tensor[x["mask"]], true[x["mask"]]
        worst[name] = np.abs(tensor.astype(np.float64) - true).max() / (np.abs(true).max() or 1)
    return worst
