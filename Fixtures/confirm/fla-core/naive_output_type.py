"""The naive gated delta rule answers in float32 whatever it is given; the naive KDA answers in the type of v.

library: fla-core 0.6.0
function: fla.ops.gated_delta_rule.naive.naive_recurrent_gated_delta_rule
kind: convention
known: not found in November 2026
recipe: none: the worker compares numbers, not their types
worker: fla-gdr-recurrent, fla-gdr-chunk

A test that compares a kernel with it in bf16 compares a rounded output with one that is not. The order of beta and g differs too:
naive_recurrent_gated_delta_rule(q, k, v, beta, g) and naive_chunk_gated_delta_rule(q, k, v, g, beta), both of one shape, so that positional
arguments are exchanged without a word.

Expected: one type and one order in the four functions.
"""

import importlib.util
import inspect
import sys
from pathlib import Path

import torch

folder = Path(importlib.util.find_spec("fla").submodule_search_locations[0])


def load(name):
    spec = importlib.util.spec_from_file_location("naive", folder / f"ops/{name}/naive.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


gdr, kda = load("gated_delta_rule"), load("kda")
x, gate = torch.ones(1, 2, 1, 1, dtype=torch.bfloat16), torch.zeros(1, 2, 1)
types = gdr.naive_recurrent_gated_delta_rule(x, x, x, beta=gate, g=gate)[0].dtype, kda.naive_recurrent_kda(x, x, x, gate[..., None], gate)[0].dtype
orders = [list(inspect.signature(f).parameters)[3:5] for f in (gdr.naive_recurrent_gated_delta_rule, gdr.naive_chunk_gated_delta_rule)]
print("expected one type for bf16 inputs, and one order of arguments")
print(f"actual   {types[0]} and {types[1]}; {orders[0]} and {orders[1]}")
sys.exit(types[0] != types[1] or orders[0] != orders[1])
