#!/usr/bin/env python3
"""deltanet-tpu's Pallas kernels as a worker, with gradients: on a TPU, elsewhere in Pallas's interpret mode.

gdr fuzz --families Hk1-Hv2-Dk128-Dv128/f32 --deadline 10m --against 'tpu=python3 deltanet_worker.py gdn'      or kda; needs Python 3.12
                                                                      --bf16    products in bf16, the library's default

By the library's own means: --scale 1|rsqrt|VALUE, --decay log, --layout kv.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import sys
import warnings

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import contract as contracts
from worker import Refusal, serve

FUNCTIONS = {"gdn": "chunk_gdn", "kda": "chunk_kda"}


def missing(contract: contracts.Contract) -> str | None:
    """What is not asked of the library here."""
    if contract.parts() - {"scale", "decay", "layout"}:
        return "takes q, k, g and beta as they are, and float32 states"
    return None


def evaluator(form: str, contract: contracts.Contract, precision: str):
    import deltanet_tpu
    import jax
    import jax.numpy as jnp

    warnings.filterwarnings("ignore", message="deltanet-tpu: running on non-TPU")
    chunk = getattr(deltanet_tpu, FUNCTIONS[form])
    turned = (lambda t: t) if contract.layout == "kv" else (lambda t: t.swapaxes(-1, -2))

    def call(q, k, v, g, beta, state):
        options = {"output_final_state": True, "precision": precision, "scale": contract.factor(q.shape[-1])}
        y, last = chunk(q, k, v, g, beta, initial_state=turned(state), **options)
        return y, turned(last)

    forward = jax.jit(call)
    both = jax.jit(lambda primals, cotangents: (lambda found: (found[0], found[1](cotangents)))(jax.vjp(call, *primals)))

    def evaluate(x, request):
        refuse(x, request, form)
        log = contract.decay == "log"
        if not log and (x["g"] == 0).any():
            raise Refusal("takes the logarithm of the decay, and 0 has none")
        if log and not np.isfinite(x["g"]).all():
            raise Refusal("takes finite logarithms of the decay")
        B, _, _, Dk = x["q"].shape
        Hv, Dv = x["v"].shape[2:]
        narrow = {"bf16": jnp.bfloat16, "fp16": jnp.float16}.get(request["precision"], jnp.float32)
        state = x.get("state_in", np.zeros((B, Hv, Dk, Dv) if contract.layout == "kv" else (B, Hv, Dv, Dk), np.float32))
        log_g = x["g"] if log else np.log(x["g"].astype(np.float64)).astype(np.float32)
        primals = [jnp.asarray(x[n], narrow) for n in "qkv"] + [jnp.asarray(log_g), jnp.asarray(x["beta"], narrow), jnp.asarray(state)]
        if request["gradients"] == "no":
            return dict(zip(("y", "state_out"), map(values, forward(*primals))))
        cotangents = jnp.asarray(x.get("dy", np.zeros_like(x["v"])), narrow), jnp.asarray(x.get("dstate_out", np.zeros_like(state)))
        outputs, found = both(primals, cotangents)
        results = dict(zip(("y", "state_out", "dq", "dk", "dv", "dg", "dbeta", "dstate_in"), map(values, (*outputs, *found))))
        if not log:
            dlog = results.pop("dg")
            # Where g is tiny, g dg underflows, and the quotient would show nothing but that.
            if x["g"].min(initial=1) >= 1e-30:
                results["dg"] = (dlog.astype(np.float64) / x["g"]).astype(np.float32)
        if "state_in" not in x:
            del results["dstate_in"]
        return results

    def values(t):
        return np.asarray(t).view(np.uint16) if t.dtype == jnp.bfloat16 else np.asarray(t)

    return evaluate


def refuse(x, request, form):
    if request["arithmetic"] == "double":
        raise Refusal("computes in float32 whatever it is given")
    if "g" not in x:
        raise Refusal("takes g and beta")
    if "mask" in x and not x["mask"].all():
        raise Refusal("has no mask")
    if x["q"].shape[1] == 0:
        raise Refusal("takes at least one token")
    if x["q"].shape[3] != 128 or x["v"].shape[3] != 128:
        raise Refusal("takes Dk = Dv = 128")
    if (x["g"].ndim == 4) != (form == "kda"):
        raise Refusal("takes one decay per key channel" if form == "kda" else "takes one decay per head")
    if form == "kda" and x["q"].shape[2] != x["v"].shape[2]:
        raise Refusal("takes a decay per channel with equal heads only")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("form", nargs="?", choices=FUNCTIONS, default="gdn")
    parser.add_argument("--bf16", action="store_true", help="products in bf16, the library's default")
    contracts.add_options(parser)
    arguments = parser.parse_args()
    contract, evaluate = contracts.of_options(arguments), None
    declaration = {
        "name": FUNCTIONS[arguments.form], "library": "deltanet-tpu", "form": "chunked:128", "contract": str(contract),
        "clamp": "none" if contract.decay == "log" else "log:-1000", "roundings": "products:bf16" if arguments.bf16 else "",
    }  # fmt: skip
    try:
        declaration["version"] = importlib.metadata.version("deltanet-tpu")
        evaluate = evaluator(arguments.form, contract, "bf16" if arguments.bf16 else "fp32")
        if reason := missing(contract):
            declaration["refusal"] = reason
    except ImportError as error:
        declaration["refusal"] = f"deltanet-tpu cannot be loaded (pip install deltanet-tpu, Python 3.12): {error}"
    serve(declaration, evaluate, lambda request: contracts.refusal(contract, request))


if __name__ == "__main__":
    main()
