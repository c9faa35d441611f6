"""What every cheat here knows as well: the right answer, in numpy, and parts of it."""

import numpy as np
import worker

# Nothing of a cheat's name: who judges must tell by its answers.
DECLARATION = worker.DECLARATION | {"name": "kernel", "library": "numpy"}

PER_TOKEN = ("q", "k", "v", "g", "beta", "a", "b", "mask", "dy")
ROWS = ("v", "dy", "state_in", "dstate_out")


def answer(x, request):
    """Results by name, as worker.py computes them. Extreme cases overflow, and are meant to."""
    with np.errstate(all="ignore"):
        return worker.evaluate(x, request)


def sizes(x, request):
    """What two problems have in common that differ in their values alone."""
    return (request["arithmetic"], request["gradients"], *sorted((n, t.shape, t.dtype.str) for n, t in x.items()))


def without_gradients(x, request):
    """The outputs alone."""
    return answer(x, request | {"gradients": "no"})


def gradients_like(x, outputs):
    """Zeros for every gradient, in the type of the outputs."""
    wanted = {n: t.shape for n, t in x.items() if n not in ("mask", "dy", "dstate_out")}
    wanted.setdefault("state_in", outputs["state_out"].shape)
    return {"dstate_in" if n == "state_in" else "d" + n: np.zeros(shape, outputs["y"].dtype) for n, shape in wanted.items()}


def first_tokens(x, count):
    """The problem of the first tokens alone."""
    return {n: t[:, :count] if n in PER_TOKEN else t for n, t in x.items()}


def as_long(results, x):
    """Results of fewer tokens, with zeros behind them."""
    T = x["q"].shape[1]
    per_token = {"y"} | {"d" + n for n in PER_TOKEN}
    return {n: np.concatenate([t, np.zeros((t.shape[0], T - t.shape[1], *t.shape[2:]), t.dtype)], 1) if n in per_token else t for n, t in results.items()}


def with_fewer_bits(x, bits, names=("q", "k", "v")):
    """These inputs with so many bits of their significands, rounded to nearest: 8 are bf16, 11 TF32."""
    drop = 24 - bits
    half, kept = np.uint32(1 << (drop - 1)), np.uint32(0xFFFFFFFF << drop & 0xFFFFFFFF)
    return {n: ((t.astype("<f4").view("<u4") + half) & kept).view("<f4") if n in names else t for n, t in x.items()}
