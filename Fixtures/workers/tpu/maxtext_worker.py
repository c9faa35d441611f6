#!/usr/bin/env python3
"""maxtext's JAX forms of Qwen3-Next's rule as a worker, with gradients, on whatever JAX runs on.

gdr fuzz --families Hk1-Hv2-Dk16-Dv16/f32 --deadline 3m --against 'maxtext=python3 maxtext_worker.py'      jax_chunk_gated_delta_rule, computing in float32
                                                                           --bf16                          in bf16, as the library's default is

By the library's own means: --scale rsqrt (it knows no other: 1 is folded into q), --decay log, --layout kv. Needs Python 3.12.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import contract as contracts
from worker import Refusal, serve


def refuse(x):
    if x["g"].ndim == 4:
        raise Refusal("takes one decay per head")


def evaluator(contract, bf16):
    import jax.numpy as jnp
    from tpu import jax_rule
    from maxtext.models.qwen3 import jax_chunk_gated_delta_rule

    def call(q, k, v, g, beta, state):
        r = v.shape[2] // q.shape[2]
        q = q * jnp.asarray(contract.factor(q.shape[-1]) * q.shape[-1] ** 0.5, q.dtype)
        q, k = (jnp.repeat(t, r, axis=2) for t in (q, k))
        return jax_chunk_gated_delta_rule(q, k, v, g, beta, initial_state=state, compute_dtype=jnp.bfloat16 if bf16 else jnp.float32)

    return jax_rule.evaluator(call, contract, refuse), {"clamp": jax_rule.clamp(contract)}, jax_rule.missing(contract)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bf16", action="store_true", help="computes in bf16")
    contracts.add_options(parser)
    arguments = parser.parse_args()
    contract, evaluate = contracts.of_options(arguments), None
    declaration = {
        "name": "jax_chunk_gated_delta_rule", "library": "maxtext", "form": "chunked:64", "contract": str(contract),
        "roundings": "dq:input,dk:input" + (",products:bf16" if arguments.bf16 else ""),
    }  # fmt: skip
    try:
        declaration["version"] = importlib.metadata.version("maxtext")
        evaluate, more, reason = evaluator(contract, arguments.bf16)
        declaration |= more | ({"refusal": reason} if reason else {})
    except ImportError as error:
        declaration["refusal"] = f"maxtext cannot be loaded: {error}"
    serve(declaration, evaluate, lambda request: contracts.refusal(contract, request))


if __name__ == "__main__":
    main()
