#!/usr/bin/env python3
"""The recurrence of worker.py in numpy, under any contract and at both levels.

gdr fuzz --against 'numpy=python3 numpy_worker.py'                               the rule of the first models
gdr fuzz --against 'numpy=python3 numpy_worker.py --l2norm --scale rsqrt'        another; the options are those of contract.py
                                                  --any                          whichever is asked for
"""

import argparse

import numpy as np

import contract as contracts
import worker
from layers import lowered
from worker import Refusal, serve


def evaluate(x, request):
    asked = contracts.Contract.parse(request.get("contract"))
    real = np.float64 if request["arithmetic"] == "double" else np.float32
    x = {n: t if n == "mask" else t.astype(real) for n, t in x.items()}
    if "A_log" in x and x["A_log"].max(initial=0) > 88:
        raise Refusal("exp(A_log) overflows float32, and its gradient with it")
    with np.errstate(over="ignore", divide="ignore", under="ignore"):
        core, results = lowered(x, asked)
        return {n: t.astype(real) for n, t in results(worker.evaluate(core, request)).items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--any", action="store_true", help="computes whichever contract is asked for")
    contracts.add_options(parser)
    arguments = parser.parse_args()
    contract = contracts.of_options(arguments)
    declaration = worker.DECLARATION | {"contract": "any" if arguments.any else str(contract)}
    serve(declaration, evaluate, lambda request: None if arguments.any else contracts.refusal(contract, request))


if __name__ == "__main__":
    main()
