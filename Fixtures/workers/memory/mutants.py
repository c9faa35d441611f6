#!/usr/bin/env python3
"""Bugs of public kernels that no comparison of numbers shows by itself, as small faulty kernels under the memory contract. Needs numpy.

    python3 mutants.py                                                   what is seen of each; exits with 1 if one is not
    gdr fuzz --size small --against 'm=python3 mutants.py fla-1135'      one of them as a worker
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import numpy as np

import worker
from memory import faulty, faulty_engine
from memory.memory import watch

SAME = {"y": "v", "dq": "q", "dk": "k", "dv": "v", "dg": "g", "dbeta": "beta"}
# Where the bug was: (words that must be seen, kernel). The tensors of a kernel of an engine are those of faulty_engine.py.
PLAIN = {
    "fla-673": ("read what is past the end of gram", faulty.substitutes_past_T),
    "fla-892": ("read what empty() gave", faulty.adds_a_buffer_of_whole_tiles("dk")),
    "fla-npu-b418aa20": ("elements of dq unwritten", faulty.leaves_tail_rows("dq")),
    "fla-1070": ("read what empty() gave", faulty.adds_a_buffer_of_whole_tiles("y")),
    "fla-npu-09a07cf6": ("read what is past the end of k", faulty.reads_rows_past_T("k")),
    "FlashQLA-36": ("elements of dg unwritten", faulty.leaves_masked_rows("dg", but=1)),
    "TileOPs-1963": ("read what empty() gave", faulty.begins_with_what_empty_gave),
    "fla-807": ("values past the end of dq", faulty.stores_whole_tiles("dq")),
    "fla-913": ("read what is past Dv of v", faulty.reads_columns_past("v")),
    "fla-f3a42cf5": ("read what is past the end of beta", faulty.takes_default_beta_for_value_heads),
    "sglang-21836": ("read what is past Hv of g", faulty.takes_as_packed("g", when=lambda x: x["v"].shape[2] == x["k"].shape[2])),
    "sglang-22312": ("read what is past Hv of beta", faulty.takes_as_packed("g", "beta")),
    "fla-npu-317": ("read what is past Dk of state_in", faulty.takes_as_packed("state_in")),
    "flashinfer-4572": ("elements of history unwritten", faulty.addresses_history_by_T),
    "flashinfer-678fed31": ("read what is past Hv of beta", faulty.takes_token_stride_for_heads),
    "mlx-lm-c2783f3a": ("elements of y unwritten", faulty.leaves_masked_rows("y")),
    "fla-1135": ("read what is past Dk of g", faulty.reads_columns_past("g")),
    "fla-npu-249": ("read what is past the end of gram", faulty.inverts_past_T),
    "fla-670f5706": ("changed its input beta", faulty.masks_beta_in_place),
    "aliased-state": ("answers another state_out where it lies in state_in", faulty.empties_the_state_first),
    "honest": ("", faulty.honest),
}
ENGINE = {
    "FlashQLA-7fd5525": ("read what empty() gave", faulty_engine.engine(store=faulty_engine.stores_a_stale_tile)),
    "flashinfer-4428": ("read what is where v means nothing", faulty_engine.engine(tokens_of=faulty_engine.takes_tokens_of_nobody)),
    "vllm-34306": (
        "values before pool_out",
        faulty_engine.engine(faulty_engine.takes_minus_one_for_a_slot, store=faulty_engine.stores_at_minus_one, pads=True),
    ),
    "vllm-51562": ("read what is where pool means nothing", faulty_engine.engine(faulty_engine.takes_one_token_for_decode)),
    "honest-engine": ("", faulty_engine.engine()),
}
MUTANTS = PLAIN | ENGINE


def watched(name, x, gradients=True):
    """(results of the plain problem, what was seen) of one of them."""
    if name in ENGINE:
        inputs, outputs, dead = faulty_engine.calls_of(x)
        inputs["dead"] = dead["pool"]
        found, seen = watch(ENGINE[name][1], inputs, outputs, dead=dead)
        return faulty_engine.results_of(found, x), seen
    (B, T, Hv, Dv), Dk = x["v"].shape, x["k"].shape[3]
    state = np.zeros((B, Hv, Dv, Dk), x["v"].dtype)
    outputs = {n: x[like] for n, like in SAME.items() if gradients or n == "y"} | {"state_out": state}
    outputs |= {"dstate_in": state} if gradients else {}
    dead, excused = {n: ~x["mask"] for n in ("q", "k", "v", "g", "beta", "dy") if n in x and "mask" in x}, {}
    aliases = {"state_out": "state_in"} if name in ("honest", "aliased-state") and "state_in" in x else {}
    if name == "fla-f3a42cf5":
        x = x | {"beta": x["beta"][:, :, :: Hv // x["k"].shape[2]]}
        outputs["dbeta"] = np.zeros((B, T, Hv), state.dtype)
    if name in ("fla-673", "fla-npu-249"):
        x = x | {"gram": np.tril(np.ones((B, T, Hv, faulty.BLOCK), state.dtype), -1)}
    if name == "flashinfer-4572":
        outputs["history"], excused["history"] = np.zeros((B, T + 3, *state.shape[1:]), state.dtype), np.arange(T + 3)[None].repeat(B, 0) >= T
    results, seen = watch(PLAIN[name][1], x, outputs, aliases, dead, excused)
    return {n: a for n, a in results.items() if n != "history"}, seen


def evaluator(name):
    def evaluate(x, request):
        if "g" not in x:
            raise worker.Refusal("takes g and beta")
        if x["v"].shape[1] > 64 or max(x["v"].shape[3], x["k"].shape[3]) > 32:
            raise worker.Refusal("takes small problems: what it reads past a tensor must lie in its guard bands")
        if name in ENGINE and "mask" in x:
            raise worker.Refusal("takes no mask")
        real = np.float64 if request["arithmetic"] == "double" else np.float32
        x = {n: a if n == "mask" else a.astype(real) for n, a in x.items()}
        with np.errstate(all="ignore"):
            results, seen = watched(name, x, request["gradients"] == "yes")
        return results, {"memory": "\n".join(seen)}

    return evaluate


def problem(name, seed=0):
    """One that shows the bug of this name."""
    random = np.random.default_rng(seed)
    B, T, Hk, Hv, Dk, Dv = 2, 21, 2, 2 if name == "sglang-21836" else 4, 6, 5
    channels = [Dk] if name == "fla-1135" else []
    T = 1 if name == "vllm-51562" else T

    def normal(*shape):
        return random.standard_normal(shape).astype(np.float32) / 2

    x = {"q": normal(B, T, Hk, Dk), "k": normal(B, T, Hk, Dk), "v": normal(B, T, Hv, Dv), "dy": normal(B, T, Hv, Dv),
         "g": 1 - normal(B, T, Hv, *channels) ** 2 / 4, "beta": normal(B, T, Hv) ** 2, "dstate_out": normal(B, Hv, Dv, Dk)}  # fmt: skip
    if name not in ("TileOPs-1963", "vllm-51562"):
        x["state_in"] = normal(B, Hv, Dv, Dk)
    if name in ("FlashQLA-36", "mlx-lm-c2783f3a", "fla-670f5706"):
        x["mask"] = random.random((B, T)) < 0.7
    return x


def main():
    missed = 0
    for name, (words, _) in MUTANTS.items():
        with np.errstate(all="ignore"):
            seen = watched(name, problem(name))[1]
        is_right = any(words in sentence for sentence in seen) if words else not seen
        missed += not is_right
        print(f"{'' if is_right else 'MISSED  '}{name}: {'; '.join(seen) or 'nothing'}")
    print(f"{len(MUTANTS) - missed} of {len(MUTANTS)} as they must be")
    return 1 if missed else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        if sys.argv[1] not in MUTANTS:
            raise SystemExit(f"there is no {sys.argv[1]}: {' '.join(MUTANTS)}")
        worker.serve(worker.DECLARATION | {"name": sys.argv[1]}, evaluator(sys.argv[1]))
    else:
        sys.exit(main())
