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

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import contract as contracts
from worker import Refusal, serve

FUNCTIONS = {"gdn": "chunk_gdn", "kda": "chunk_kda"}


def refuse(form):
    def refused(x):
        if x["q"].shape[3] != 128 or x["v"].shape[3] != 128:
            raise Refusal("takes Dk = Dv = 128")
        if (x["g"].ndim == 4) != (form == "kda"):
            raise Refusal("takes one decay per key channel" if form == "kda" else "takes one decay per head")
        if form == "kda" and x["q"].shape[2] != x["v"].shape[2]:
            raise Refusal("takes a decay per channel with equal heads only")

    return refused


def evaluator(form, contract, precision):
    import deltanet_tpu
    from tpu import jax_rule

    warnings.filterwarnings("ignore", message="deltanet-tpu: running on non-TPU")
    chunk = getattr(deltanet_tpu, FUNCTIONS[form])

    def call(q, k, v, g, beta, state):
        return chunk(q, k, v, g, beta, initial_state=state, output_final_state=True, precision=precision, scale=contract.factor(q.shape[-1]))

    return jax_rule.evaluator(call, contract, refuse(form)), {"clamp": jax_rule.clamp(contract)}, jax_rule.missing(contract)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("form", nargs="?", choices=FUNCTIONS, default="gdn")
    parser.add_argument("--bf16", action="store_true", help="products in bf16, the library's default")
    contracts.add_options(parser)
    arguments = parser.parse_args()
    contract, evaluate = contracts.of_options(arguments), None
    declaration = {
        "name": FUNCTIONS[arguments.form], "library": "deltanet-tpu", "form": "chunked:128", "contract": str(contract),
        "roundings": "products:bf16" if arguments.bf16 else "",
    }  # fmt: skip
    try:
        declaration["version"] = importlib.metadata.version("deltanet-tpu")
        evaluate, more, reason = evaluator(arguments.form, contract, "bf16" if arguments.bf16 else "fp32")
        declaration |= more | ({"refusal": reason} if reason else {})
    except ImportError as error:
        declaration["refusal"] = f"deltanet-tpu cannot be loaded (pip install deltanet-tpu, Python 3.12): {error}"
    serve(declaration, evaluate, lambda request: contracts.refusal(contract, request))


if __name__ == "__main__":
    main()
