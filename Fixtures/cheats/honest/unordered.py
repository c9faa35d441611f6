"""Honest, and not deterministic: the key channels are summed in an order that is drawn anew in every call, as atomic sums on a GPU are."""

import numpy as np
from kernel import answer

generator = np.random.default_rng()
# What has key channels on its last axis.
ALWAYS = ("q", "k", "state_in", "dstate_out", "dq", "dk", "state_out", "dstate_in")
BY_CHANNEL = {"g": 4, "a": 4, "dg": 4, "da": 4, "dt_bias": 2, "ddt_bias": 2}


def evaluate(x, request):
    order = generator.permutation(x["k"].shape[-1])
    results = answer(taken(x, order), request)
    return taken(results, np.argsort(order))


def taken(tensors, order):
    return {n: t[..., order] if n in ALWAYS or BY_CHANNEL.get(n) == t.ndim else t for n, t in tensors.items()}
