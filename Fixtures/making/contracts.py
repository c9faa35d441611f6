"""Cases of other rules than that of the first models, computed by the functions of the shipped workers, which are the libraries' own.

A row names the file, the function, the contract and the case; a function stands under a contract as one peer.
"""

import importlib

import ml_dtypes
import numpy as np
from contract import Contract

from .case import Case
from .peer import Peer

MLX = ("mlx-lm", "mlx")
TORCH = ("transformers", "torch")
FLA = ("fla-core", "torch")


def from_worker(evaluate):
    """A peer's run by a worker's `evaluate`: for numpy, which has no bf16, those tensors are the same numbers in float32."""

    def run(x):
        request = {
            "level": "core" if "g" in x else "model", "precision": "fp32", "arithmetic": "working",
            "gradients": "yes" if "dy" in x or "dstate_out" in x else "no",
        }  # fmt: skip
        results = evaluate({n: t.astype(np.float32) if t.dtype == ml_dtypes.bfloat16 else t for n, t in x.items()}, request)
        return {n: t.view(ml_dtypes.bfloat16) if t.dtype == np.uint16 else t for n, t in results.items()}

    return run


def mlx(contract):
    return importlib.import_module("mlx_worker").evaluator(contract)


def torch(worker, form):
    def load(contract):
        return importlib.import_module(worker).evaluator(form, contract)

    return load


def onnx(operator):
    def load(contract):
        import onnx, onnxruntime  # noqa: E401, F401

        return importlib.import_module("onnxruntime_worker").evaluator(operator, contract)

    return load


# name: function, level, form, what loads it, packages
FUNCTIONS = {
    "mlx": ("gated_delta_ops", "core", "sequential", mlx, MLX),
    "mlx-model": ("gated_delta_update(use_kernel=False)", "model", "sequential", mlx, MLX),
    "hf-chunk": ("torch_chunk_gated_delta_rule", "core", "chunked:64", torch("transformers_worker", "chunk"), TORCH),
    "hf-recurrent": ("torch_recurrent_gated_delta_rule", "core", "sequential", torch("transformers_worker", "recurrent"), TORCH),
    "hf-kimi-chunk": ("chunk_kimi_delta_attention", "core", "chunked:64", torch("transformers_worker", "kimi-chunk"), TORCH),
    "hf-kimi": ("recurrent_kimi_delta_attention, BailingHybridForgetGate", "model", "sequential", torch("transformers_worker", "kimi-recurrent"), TORCH),
    "gdr": ("naive_recurrent_gated_delta_rule", "core", "sequential", torch("fla_worker", "gdr-recurrent"), FLA),
    "gdr-chunk": ("naive_chunk_gated_delta_rule", "core", "chunked:64", torch("fla_worker", "gdr-chunk"), FLA),
    "kda": ("naive_recurrent_kda", "core", "sequential", torch("fla_worker", "kda-recurrent"), FLA),
    "kda-model": ("naive_recurrent_kda, naive_kda_lowerbound_gate", "model", "sequential", torch("fla_worker", "kda-recurrent"), FLA),
    "kda-chunk-model": ("naive_chunk_kda, naive_kda_lowerbound_gate", "model", "chunked:64", torch("fla_worker", "kda-chunk"), FLA),
    "net": ("com.microsoft.GatedDeltaNet", "core", "sequential", onnx("net"), ("onnxruntime",)),
    "net-model": ("com.microsoft.GatedDeltaNet(gate_activation=sigmoid, beta_activation=sigmoid)", "model", "sequential", onnx("net"), ("onnxruntime",)),
    "linear": ("com.microsoft.LinearAttention(update_rule=gated_delta)", "core", "sequential", onnx("linear"), ("onnxruntime",)),
    "standard": ("LinearAttention of opset 27", "core", "sequential", onnx("standard"), ("onnxruntime",)),
    "reference": ("LinearAttention of opset 27, reference implementation", "core", "sequential", onnx("reference"), ("onnx", "numpy")),
}  # fmt: skip

PER_CHANNEL = dict(channel=True)
FORWARD = dict(cotangents="")
L2 = "qk=l2norm:1e-6,scale=rsqrt"
TORCHS = "qk=l2norm:1e-6,scale=rsqrt,decay=log,layout=kv"
ROWS = [
    # mlx-lm
    ("mlx-lm/update-bounded", "mlx-model", "gate=bounded:-5", (2, 7, 2, 4, 4, 3), "bounded gate", {}),
    ("mlx-lm/update-bounded-1-holes", "mlx-model", "gate=bounded:-1", (2, 7, 1, 3, 3, 4), "bounded gate near its bound, holes", dict(mask="holes", gates="saturated")),
    ("mlx-lm/update-bounded-channel", "mlx-model", "gate=bounded:-5", (1, 9, 2, 4, 5, 3), "bounded gate per key channel", PER_CHANNEL),
    ("mlx-lm/update-2sigmoid", "mlx-model", "beta=2sigmoid", (2, 7, 2, 4, 4, 3), "beta up to 2", {}),
    ("mlx-lm/update-2sigmoid-equal-keys", "mlx-model", "beta=2sigmoid", (1, 17, 1, 2, 4, 3), "beta up to 2 and one key repeated", dict(keys="equal")),
    ("mlx-lm/update-kimi-k3", "mlx-model", "gate=bounded:-5," + L2, (1, 65, 1, 2, 4, 3), "Kimi K3: bounded gate per key channel, normalised, scaled", dict(channel=True, keys="raw")),
    ("mlx-lm/ops-l2norm", "mlx", L2, (2, 7, 2, 4, 5, 3), "normalize_qk, two value heads to a key head", dict(keys="raw")),
    ("mlx-lm/ops-l2norm-lengths", "mlx", L2, (1, 12, 1, 2, 4, 3), "normalize_qk, norms of 0, 1e-4, 1 and 1e4", dict(keys="lengths")),
    ("mlx-lm/ops-state-bf16", "mlx", "state=bf16", (1, 9, 2, 4, 4, 3), "a state that was kept in bf16", {}),
    ("mlx-lm/ops-state-f16", "mlx", "state=f16", (1, 9, 2, 4, 4, 3), "a state that was kept in fp16", {}),
    # transformers
    ("transformers/chunk-l2norm", "hf-chunk", TORCHS, (2, 7, 2, 4, 4, 3), "normalised and scaled inside, log g, states [Dk, Dv]", dict(keys="raw")),
    ("transformers/chunk-l2norm-T65", "hf-chunk", TORCHS, (1, 65, 1, 2, 4, 3), "the same past a chunk", dict(keys="raw")),
    ("transformers/chunk-l2norm-lengths", "hf-chunk", TORCHS, (1, 12, 1, 2, 4, 3), "norms of 0, 1e-4, 1 and 1e4", dict(keys="lengths")),
    ("transformers/recurrent-l2norm-lengths", "hf-recurrent", TORCHS, (1, 12, 1, 2, 4, 3), "norms of 0, 1e-4, 1 and 1e4", dict(keys="lengths")),
    ("transformers/recurrent-rsqrt", "hf-recurrent", "scale=rsqrt,decay=log", (2, 7, 2, 4, 5, 3), "scaled inside, log g down to minus infinity", dict(gates="extreme")),
    ("transformers/recurrent-state-bf16", "hf-recurrent", "scale=rsqrt,decay=log,layout=kv,state=bf16", (1, 9, 1, 3, 4, 3), "a state that was kept in bf16", {}),
    ("transformers/kimi-chunk-l2norm", "hf-kimi-chunk", TORCHS, (1, 9, 2, 4, 4, 3), "Kimi Linear: a decay per key channel", dict(channel=True, keys="raw")),
    ("transformers/kimi-recurrent-bounded", "hf-kimi", "gate=bounded:-5," + L2, (1, 9, 2, 4, 4, 3), "bounded gate per key channel, normalised and scaled", dict(channel=True, keys="raw")),
    # fla
    ("fla/gdr-recurrent-log", "gdr", "scale=rsqrt,decay=log,layout=kv", (2, 7, 2, 4, 5, 3), "fla's own convention: scale, log g, states [Dk, Dv]", {}),
    ("fla/gdr-recurrent-log-extreme", "gdr", "decay=log", (1, 20, 1, 2, 4, 3), "log g of 0, -1e-7 and minus infinity", dict(gates="extreme")),
    ("fla/gdr-chunk-scale", "gdr-chunk", "scale=0.3,decay=log", (1, 65, 1, 2, 3, 4), "a scale that is given", {}),
    ("fla/kda-recurrent-state-f16", "kda", "decay=log,layout=kv,state=f16", (1, 9, 2, 4, 4, 3), "a state that was kept in fp16", PER_CHANNEL),
    ("fla/kda-recurrent-bounded", "kda-model", "gate=bounded:-5,scale=rsqrt", (1, 9, 2, 4, 4, 3), "bounded gate per key channel", PER_CHANNEL),
    ("fla/kda-recurrent-bounded-noA", "kda-model", "gate=bounded:-5,noA,layout=kv", (1, 9, 2, 4, 4, 3), "bounded gate without A_log", PER_CHANNEL),
    ("fla/kda-chunk-bounded-noA", "kda-chunk-model", "gate=bounded:-1,noA,scale=rsqrt", (1, 64, 1, 2, 4, 3), "bounded gate without A_log per key channel, a whole chunk", PER_CHANNEL),
    # onnxruntime and ONNX, forward only
    ("onnxruntime/net-l2norm", "net", "qk=l2norm:1e-12,scale=rsqrt,decay=log", (2, 7, 2, 4, 5, 3), "qk_l2_norm, whose epsilon is 1e-12", dict(keys="raw", **FORWARD)),
    ("onnxruntime/net-l2norm-lengths", "net", "qk=l2norm:1e-12,scale=rsqrt,decay=log", (1, 12, 1, 2, 4, 3), "norms of 0, 1e-4, 1 and 1e4", dict(keys="lengths", **FORWARD)),
    ("onnxruntime/net-bounded", "net-model", "gate=bounded:-5", (2, 7, 2, 4, 4, 3), "bounded gate", FORWARD),
    ("onnxruntime/net-bounded-channel", "net-model", "gate=bounded:-1,scale=0.3", (1, 9, 2, 4, 4, 3), "bounded gate per key channel, a scale that is given", PER_CHANNEL | FORWARD),
    ("onnxruntime/linear-log", "linear", "scale=rsqrt,decay=log,layout=kv", (2, 7, 2, 4, 5, 3), "the operator's own convention", FORWARD),
    ("onnxruntime/standard-log", "standard", "scale=rsqrt,decay=log,layout=kv", (2, 7, 2, 2, 5, 3), "the operator of the standard", FORWARD),
    ("onnx/reference-log", "reference", "scale=rsqrt,decay=log,layout=kv", (2, 7, 2, 2, 5, 3), "the operator's own convention", FORWARD),
    ("onnx/reference-channel-state-bf16", "reference", "scale=0.3,decay=log,layout=kv,state=bf16", (1, 9, 2, 2, 4, 3), "a state in bf16 between calls, a decay per key channel", PER_CHANNEL | FORWARD),
    ("onnx/reference-state-f16", "reference", "layout=kv,state=f16", (1, 9, 2, 2, 4, 3), "a state in fp16 between calls", FORWARD),
]  # fmt: skip


def peer(function, text):
    name, level, form, load, packages = FUNCTIONS[function]
    contract = Contract.parse(text)
    return Peer(name, level, form, lambda: from_worker(load(contract)), packages, contract)


PEERS = {f"{function} {text}": peer(function, text) for _, function, text, *_ in ROWS}
CASES = [Case(name, f"{function} {text}", shape, note, **options) for name, function, text, shape, note, options in ROWS]
