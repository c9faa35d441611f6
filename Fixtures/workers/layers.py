"""Around the recurrence: what a contract adds to it, forward and back, in numpy and in the format of the arrays.

A problem of any contract holds a plain one at core level: q and k as they enter, g and beta made of their gates, states [B,Hv,Dv,Dk]. `lowered`
gives that one and the way back from its results.
"""

import numpy as np

from worker import Refusal

STATES = ("state_in", "dstate_out", "state_out", "dstate_in")


def sigmoid(z):
    """Without overflow, and exact to rounding where it is small."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def turned(tensors, contract):
    """States from the contract's layout to [Dv, Dk], or back."""
    if contract.layout == "vk":
        return tensors
    return {n: np.swapaxes(t, -1, -2) if n in STATES else t for n, t in tensors.items()}


def lowered(x, contract):
    """(inputs by name of the plain problem, and a function of its results that gives this one's)."""
    x = turned(live_only(x), contract)
    core = {n: x[n] for n in ("v", "state_in", "mask", "dy", "dstate_out") if n in x}
    back = {}
    core["q"], back["dq"] = normalised(x["q"], contract.epsilon, contract.factor(x["q"].shape[-1]))
    core["k"], back["dk"] = normalised(x["k"], contract.epsilon, 1)
    gates, gates_back = model_gates(x, contract) if "a" in x else core_gates(x, contract)

    def results(found):
        found = dict(found)
        for name in ("dq", "dk"):
            if name in found:
                found[name] = back[name](found[name])
        if "dg" in found:
            found |= gates_back(found.pop("dg"), found.pop("dbeta"))
        return turned(found, contract)

    return core | gates, results


def live_only(x):
    """Zeros where the mask is false: what stands there means nothing, and must not reach a sum."""
    if "mask" not in x:
        return x
    mask = x["mask"]

    def live(t):
        return np.where(mask.reshape(mask.shape + (1,) * (t.ndim - 2)), t, 0).astype(t.dtype)

    return {n: live(t) if n in ("q", "k", "v", "g", "beta", "a", "b", "dy") else t for n, t in x.items()}


def normalised(x, epsilon, factor):
    """x^ = factor x / sqrt(<x, x> + epsilon), and dx of dx^: r (dn - n <n, dn>) with n = r x and dn = factor dx^."""
    if epsilon is None:
        return (x, lambda d: d) if factor == 1 else (x * x.dtype.type(factor), lambda d: d * d.dtype.type(factor))
    real = x.dtype.type
    r = 1 / np.sqrt((x * x).sum(-1, keepdims=True) + real(epsilon))
    n = r * x

    def back(d):
        dn = d * real(factor)
        return r * (dn - n * (n * dn).sum(-1, keepdims=True))

    return n * real(factor), back


def core_gates(x, contract):
    """g from its logarithm where that is given; dg by what was given."""
    if contract.decay == "linear":
        return {"g": x["g"], "beta": x["beta"]}, lambda dg, dbeta: {"dg": dg, "dbeta": dbeta}
    g = np.exp(x["g"])
    return {"g": g, "beta": x["beta"]}, lambda dg, dbeta: {"dg": dg * g, "dbeta": dbeta}


def model_gates(x, contract):
    """g = exp(lambda) and beta from a, b, A_log and dt_bias, and the gradients by those."""
    z = x["a"] + x["dt_bias"]
    rate = np.exp(x["A_log"]) if contract.has_rate else z.dtype.type(1)
    if contract.gate == "bounded":
        s = sigmoid(rate * z)
        lam = z.dtype.type(contract.bound) * s
        slope = lam * sigmoid(-rate * z)  # by rate z
        by_z, by_log_rate = slope * rate, slope * rate * z
    else:
        lam = -rate * np.logaddexp(0, z).astype(z.dtype)
        by_z, by_log_rate = -rate * sigmoid(z), lam
    g, s = np.exp(lam), sigmoid(x["b"])
    twice = 2 if contract.beta == "2sigmoid" else 1

    def back(dg, dbeta):
        dlam = dg * g
        da, dA_log = dlam * by_z, (dlam * by_log_rate).sum((0, 1))
        found = {"da": da, "ddt_bias": da.sum((0, 1)), "db": dbeta * twice * s * sigmoid(-x["b"])}
        if contract.has_rate:
            found["dA_log"] = dA_log.sum(-1, keepdims=True) if dA_log.ndim == 2 else dA_log
        return found

    return {"g": g, "beta": twice * s}, back


def refuse_what_no_function_takes(x, request):
    """What a function of one call in float32, without a mask, leaves to others; a mask of nothing is taken away."""
    if request["arithmetic"] == "double":
        raise Refusal("computes in float32 whatever it is given")
    if "mask" in x and not x.pop("mask").all():
        raise Refusal("has no mask")
    if x["q"].shape[1] == 0:
        raise Refusal("takes at least one token")
