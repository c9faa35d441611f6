"""What the workers for JAX functions share: from the inputs of a request to call(q, k, v, log g, beta, state [B,Hv,Dk,Dv]) and back through vjp."""

from __future__ import annotations

import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import jax
import jax.numpy as jnp

from contract import Contract
from layers import refuse_what_no_function_takes
from worker import Refusal


def missing(contract: Contract) -> str | None:
    """What is not asked of these libraries here."""
    if contract.parts() - {"scale", "decay", "layout"}:
        return "takes q, k, g and beta as they are, and float32 states"
    return None


def clamp(contract: Contract) -> str:
    # Where g is given it passes through its logarithm, which loses |log g| u of g. The floor is below every g.
    return "none" if contract.decay == "log" else "log:-1000"


def evaluator(function, contract: Contract, refuse):
    """A worker's `evaluate`; `refuse(x)` raises Refusal for a shape that the function does not take."""
    turned = (lambda t: t) if contract.layout == "kv" else (lambda t: t.swapaxes(-1, -2))

    def call(q, k, v, g, beta, state):
        y, last = function(q, k, v, g, beta, turned(state))
        return y, turned(last)

    @jax.jit
    def with_gradients(primals, cotangents):
        outputs, back = jax.vjp(call, *primals)
        return outputs, back(cotangents)

    forward = jax.jit(call)

    def evaluate(x, request):
        refuse_what_no_function_takes(x, request)
        refuse_what_has_no_logarithm(x, contract)
        refuse(x)
        B, _, _, Dk = x["q"].shape
        Hv, Dv = x["v"].shape[2:]
        narrow = {"bf16": jnp.bfloat16, "fp16": jnp.float16}.get(request["precision"], jnp.float32)
        state = x.get("state_in", np.zeros((B, Hv, Dk, Dv) if contract.layout == "kv" else (B, Hv, Dv, Dk), np.float32))
        log_g = x["g"] if contract.decay == "log" else np.log(x["g"].astype(np.float64)).astype(np.float32)
        primals = [jnp.asarray(x[n], narrow) for n in "qkv"] + [jnp.asarray(log_g), jnp.asarray(x["beta"], narrow), jnp.asarray(state)]
        if request["gradients"] == "no":
            return dict(zip(("y", "state_out"), map(values, forward(*primals))))
        cotangents = jnp.asarray(x.get("dy", np.zeros_like(x["v"])), narrow), jnp.asarray(x.get("dstate_out", np.zeros_like(state)))
        outputs, found = with_gradients(primals, cotangents)
        results = dict(zip(("y", "state_out", "dq", "dk", "dv", "dg", "dbeta", "dstate_in"), map(values, (*outputs, *found))))
        if contract.decay != "log":
            dlog = results.pop("dg")
            # Where g is tiny, g dg underflows, and the quotient would show nothing but that.
            if x["g"].min(initial=1) >= 1e-30:
                results["dg"] = (dlog.astype(np.float64) / x["g"]).astype(np.float32)
        if "state_in" not in x:
            del results["dstate_in"]
        return results

    return evaluate


def refuse_what_has_no_logarithm(x, contract: Contract):
    if "g" not in x:
        raise Refusal("takes g and beta")
    if (x["g"] == (-np.inf if contract.decay == "log" else 0)).any():
        raise Refusal("takes the logarithm of the decay, and 0 has none")


def values(t):
    t = np.asarray(t)
    return t.view(np.uint16) if t.dtype == jnp.bfloat16 else t
