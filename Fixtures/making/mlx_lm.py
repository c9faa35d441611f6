"""mlx-lm: its sequential loop at core level, its update at model level."""

import importlib

import ml_dtypes
import numpy as np

from .case import INPUTS, Case, gradient_name
from .peer import Peer


def mlx_run(function, *options):
    """Differentiate an MLX function whose layout is the file's own. The CPU device, so that a file does not depend on the machine."""
    import mlx.core as mx

    mx.set_default_device(mx.cpu)
    types = {"float64": mx.float64, "float32": mx.float32, "bfloat16": mx.bfloat16, "float16": mx.float16, "bool": mx.bool_}

    def to_mlx(t):
        exact = t.astype(np.float32) if t.dtype == ml_dtypes.bfloat16 else t
        return mx.array(exact, dtype=types[exact.dtype.name]).astype(types[t.dtype.name])

    def to_numpy(t):
        return np.array(t.astype(mx.float32)).astype(ml_dtypes.bfloat16) if t.dtype == mx.bfloat16 else np.array(t)

    def run(x):
        names = [n for n in INPUTS if n in x]
        mask = to_mlx(x["mask"]) if "mask" in x else None
        if x["q"].dtype == np.float64 and "state_in" not in x:
            raise ValueError("without a state MLX starts from a float32 one")

        def forward(*primals):
            return list(function(*primals, *([] if "state_in" in x else [None]), mask, **dict(options)))

        primals = [to_mlx(x[n]) for n in names]
        outputs = forward(*primals)
        cotangents = [to_mlx(x[n]) if n in x else mx.zeros_like(o) for n, o in zip(("dy", "dstate_out"), outputs)]
        outputs, gradients = mx.vjp(forward, primals, cotangents)
        results = dict(zip(["y", "state_out"] + [gradient_name(n) for n in names], outputs + gradients))
        return {n: to_numpy(t) for n, t in results.items()}

    return run


def mlx_ops():
    return mlx_run(importlib.import_module("mlx_lm.models.gated_delta").gated_delta_ops)


def mlx_update():
    return mlx_run(importlib.import_module("mlx_lm.models.gated_delta").gated_delta_update, ("use_kernel", False))


MLX = ("mlx-lm", "mlx")
PEERS = {
    "ops": Peer("gated_delta_ops", "core", "sequential", mlx_ops, MLX),
    "update": Peer("gated_delta_update(use_kernel=False)", "model", "sequential", mlx_update, MLX),
}  # fmt: skip

CASES = [
    Case("mlx-lm/ops-fd-seed", "ops", (1, 4, 2, 4, 8, 8), "the shape of the upstream finite-difference test", state=False),
    Case("mlx-lm/ops-one-step", "ops", (2, 1, 2, 2, 3, 5), "T = 1, odd sizes, Dk < Dv"),
    Case("mlx-lm/ops-two-steps-1to3", "ops", (1, 2, 2, 6, 5, 3), "T = 2, three value heads to a key head, Dk > Dv"),
    Case("mlx-lm/ops-1to4", "ops", (2, 7, 2, 8, 4, 3), "four value heads to a key head, keys not normalised", keys="raw"),
    Case("mlx-lm/ops-only-dy", "ops", (1, 7, 2, 4, 3, 2), "no cotangent for the final state", cotangents="dy"),
    Case("mlx-lm/ops-only-dstate", "ops", (1, 7, 2, 4, 3, 2), "no cotangent for y: dq must be zero", cotangents="dstate_out"),
    Case("mlx-lm/ops-T33", "ops", (3, 33, 2, 2, 5, 2), "three batch rows, no state carried in", state=False),
    Case("mlx-lm/ops-T64", "ops", (1, 64, 2, 4, 3, 4), "exactly one chunk of 64"),
    Case("mlx-lm/ops-T65", "ops", (2, 65, 1, 3, 4, 3), "one step past a chunk"),
    Case("mlx-lm/ops-T130", "ops", (1, 130, 2, 4, 4, 3), "past two chunks"),
    Case("mlx-lm/ops-T193", "ops", (1, 193, 1, 2, 3, 5), "past three chunks"),
    Case("mlx-lm/ops-metal", "ops", (2, 17, 1, 2, 64, 8), "dimensions that the fused Metal kernel takes: Dk % 32 == 0, Dv % 4 == 0, no mask"),
    Case("mlx-lm/ops-mask-left", "ops", (3, 33, 2, 4, 3, 4), "left padding that differs by row", mask="left"),
    Case("mlx-lm/ops-mask-right", "ops", (3, 33, 2, 4, 4, 3), "right padding that differs by row", mask="right", state=False),
    Case("mlx-lm/ops-mask-holes-T130", "ops", (2, 130, 1, 2, 3, 2), "holes on both sides of chunk boundaries", mask="holes"),
    Case("mlx-lm/ops-mask-empty-row", "ops", (2, 7, 2, 4, 3, 5), "a batch row without one token carries its state through", mask="empty-row"),
    Case("mlx-lm/ops-mask-garbage", "ops", (2, 33, 2, 4, 3, 4), "q, k, v at masked steps ten thousand times too large", mask="holes", garbage=1e4),
    Case("mlx-lm/ops-mask-one-row", "ops", (1, 33, 2, 6, 5, 3), "B = 1 with a mask", mask="holes"),
    Case("mlx-lm/ops-channel", "ops", (2, 33, 2, 4, 6, 4), "decay per key channel", channel=True),
    Case("mlx-lm/ops-channel-T65-holes", "ops", (2, 65, 1, 3, 3, 2), "decay per key channel past a chunk, with holes", channel=True, mask="holes"),
    Case("mlx-lm/ops-extreme-decay", "ops", (2, 70, 2, 4, 4, 3), "g = 0, 1e-30, 1e-12 and its neighbours, 1 among ordinary gates", gates="extreme"),
    Case("mlx-lm/ops-channel-extreme-decay", "ops", (1, 66, 1, 2, 5, 3), "the same per key channel", channel=True, gates="extreme"),
    Case("mlx-lm/ops-equal-keys-0.999", "ops", (1, 130, 1, 2, 4, 3), "one key repeated, beta 0.999, hardly any decay", keys="equal", write=0.999, gates="near1"),
    Case("mlx-lm/ops-equal-keys-1", "ops", (1, 130, 1, 2, 4, 3), "one key repeated, beta exactly 1: every write replaces the last", keys="equal", write=1.0, gates="near1"),
    Case("mlx-lm/ops-bf16", "ops", (2, 33, 2, 4, 4, 6), "bf16 inputs, g and beta too; no state", dtype="bf16", state=False),
    Case("mlx-lm/ops-fp16", "ops", (1, 33, 2, 4, 4, 6), "fp16 inputs, fp32 state", dtype="fp16"),
    Case("mlx-lm/ops-fp64", "ops", (2, 7, 2, 6, 5, 3), "all float64", dtype="fp64"),
    Case("mlx-lm/ops-fp64-holes", "ops", (2, 20, 2, 4, 3, 4), "all float64, with holes", dtype="fp64", mask="holes"),
    Case("mlx-lm/ops-fp64-T130", "ops", (1, 130, 1, 2, 3, 2), "all float64 past two chunks", dtype="fp64"),
    Case("mlx-lm/ops-fp64-channel", "ops", (2, 33, 1, 2, 4, 3), "all float64, decay per key channel", dtype="fp64", channel=True),
    Case("mlx-lm/ops-fp64-extreme-decay", "ops", (1, 66, 1, 2, 3, 2), "all float64, extreme decays", dtype="fp64", gates="extreme"),
    Case("mlx-lm/update-fd-seed", "update", (1, 4, 2, 4, 8, 8), "the shape of the upstream finite-difference test", state=False),
    Case("mlx-lm/update-1to1", "update", (2, 7, 3, 3, 3, 5), "equal heads"),
    Case("mlx-lm/update-1to3-T65", "update", (2, 65, 2, 6, 3, 2), "three value heads to a key head, one step past a chunk"),
    Case("mlx-lm/update-1to4", "update", (1, 33, 2, 8, 5, 3), "four value heads to a key head"),
    Case("mlx-lm/update-T130", "update", (2, 130, 1, 2, 3, 4), "past two chunks"),
    Case("mlx-lm/update-init", "update", (2, 64, 2, 4, 4, 3), "the gates of a fresh model: A in 0..16, dt_bias 1", gates="init"),
    Case("mlx-lm/update-saturated", "update", (1, 64, 2, 4, 3, 3), "heads that forget at once: most log g below -20 and below -27.6", gates="saturated"),
    Case("mlx-lm/update-metal", "update", (1, 9, 1, 2, 32, 4), "dimensions that the fused Metal kernel takes: Dk % 32 == 0, Dv % 4 == 0, no mask", state=False),
    Case("mlx-lm/update-mask-left", "update", (3, 33, 2, 4, 4, 3), "left padding that differs by row", mask="left"),
    Case("mlx-lm/update-mask-holes", "update", (2, 33, 2, 4, 3, 5), "holes", mask="holes", state=False),
    Case("mlx-lm/update-mask-one-row", "update", (1, 7, 2, 4, 4, 3), "B = 1 with a mask", mask="right"),
    Case("mlx-lm/update-channel", "update", (2, 33, 2, 4, 5, 3), "decay per key channel", channel=True),
    Case("mlx-lm/update-channel-T65-right", "update", (2, 65, 1, 2, 3, 4), "decay per key channel, right padding past a chunk", channel=True, mask="right"),
    Case("mlx-lm/update-bf16", "update", (2, 33, 2, 4, 4, 6), "bf16 activations, fp32 A_log and dt_bias; no state", dtype="bf16", state=False),
    Case("mlx-lm/update-bf16-slow", "update", (1, 65, 2, 4, 4, 4), "bf16 activations and g within 0.02 of 1, half of it within 1e-3, where a bf16 g would lose the decay", dtype="bf16", state=False, gates="slow"),
    Case("mlx-lm/update-bf16-params", "update", (1, 33, 2, 4, 4, 4), "everything bf16, A_log and dt_bias too", dtype="bf16", params="bf16", state=False),
]  # fmt: skip
