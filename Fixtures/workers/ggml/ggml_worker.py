#!/usr/bin/env python3
"""ggml's gated delta rule (llama.cpp) as a worker, on the CPU, forward only.

gdr fuzz --against 'ggml=python3 ggml_worker.py'                        libggml of an installed llama-cpp-python
                                                  --library FOLDER      another: where libggml-base and libggml-cpu lie, at any depth
                                                  --threads N           2 by default

The operation takes log g, multiplies y by Dv^-1/2 and gives value head h the key head h % Hk: the scale is folded into q, or declared with
--scale rsqrt, and heads are put into that order and back.
"""

from __future__ import annotations

import argparse
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import contract as contracts
from ggml.library import Library
from layers import refuse_what_no_function_takes
from worker import Refusal, serve


def missing(contract: contracts.Contract) -> str | None:
    """What the operation has no means for."""
    if contract.parts() - {"scale", "decay"}:
        return "takes q, k, g and beta as they are, and float32 states [Dv, Dk]"
    return None


def log_of(g: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.log(g.astype(np.float64)).astype(np.float32)


def evaluator(library: Library, contract: contracts.Contract, threads: int):
    def evaluate(x, request):
        refuse_what_no_function_takes(x, request)
        if "g" not in x:
            raise Refusal("takes g and beta")
        B, T, Hk, Dk = x["q"].shape
        Hv, Dv = x["v"].shape[2:]
        if Dk != Dv:
            raise Refusal("takes Dk == Dv")
        q = x["q"] * np.float32(contract.factor(Dk) * Dv**0.5)
        g = x["g"] if contract.decay == "log" else log_of(x["g"])
        # Our head hk r + i stands at i Hk + hk there.
        order = np.arange(Hv).reshape(Hk, Hv // Hk).T.ravel()
        v, g, beta = (t[:, :, order] for t in (x["v"], g if g.ndim == 4 else g[..., None], x["beta"][..., None]))
        state = x.get("state_in", np.zeros((B, Hv, Dv, Dk), np.float32))[:, order]
        found = library.gated_delta_net([q, x["k"], v, g, beta, state], v.size + state.size, threads)
        y, last = np.empty_like(v), np.empty_like(state)
        y[:, :, order], last[:, order] = found[: v.size].reshape(v.shape), found[v.size :].reshape(state.shape)
        return {"y": y, "state_out": last}

    return evaluate


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", metavar="FOLDER", help="where libggml-base and libggml-cpu lie")
    parser.add_argument("--threads", type=int, default=2)
    contracts.add_options(parser)
    arguments = parser.parse_args()
    contract, evaluate = contracts.of_options(arguments), None
    declaration = {
        "name": "ggml_gated_delta_net", "library": "ggml", "form": "sequential", "contract": str(contract), "gradients": "none",
        "clamp": "none" if contract.decay == "log" else "log:-1000",
    }  # fmt: skip
    try:
        library = Library(arguments.library)
        declaration["version"] = library.version
        evaluate = evaluator(library, contract, arguments.threads)
        if reason := missing(contract):
            declaration["refusal"] = reason
    except (ImportError, OSError) as error:
        declaration["refusal"] = f"ggml cannot be loaded: {error}"
    serve(declaration, evaluate, lambda request: contracts.refusal(contract, request))


if __name__ == "__main__":
    main()
