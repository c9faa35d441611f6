#!/usr/bin/env python3
"""Run public implementations of the gated delta rule and keep what they computed as safetensors files.

    pip install -r Fixtures/requirements.txt
    python3 Fixtures/make_fixtures.py                    # every library that is installed
    python3 Fixtures/make_fixtures.py --only mlx-lm      # one of them

A file holds the inputs, the cotangents, and the library's outputs and gradients, in one layout whatever the library's own:

    q k [B,T,Hk,Dk]   v y [B,T,Hv,Dv]   g beta a b [B,T,Hv], per channel g a [B,T,Hv,Dk]   states [B,Hv,Dv,Dk]   mask [B,T]
    A_log dt_bias [Hv], per channel [Hv,1] and [Hv,Dk]

    S~ = S g ;  e = v - S~ k ;  S = S~ + beta e k^T ;  y = S q             g = exp(-exp(A_log) softplus(a + dt_bias)),  beta = sigmoid(b)

Value head h reads q/k head h // (Hv / Hk); y has no scale; g is linear. Every file is compared with a float64 recurrence written here before
it is kept, so that a wrong scale, transposition or head map cannot become a fixture.
"""

import argparse
import importlib
import importlib.metadata
import importlib.util
import inspect
import json
import struct
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import ml_dtypes
import numpy as np
from safetensors.numpy import save

HERE = Path(__file__).resolve().parent
sys.path = [p for p in sys.path if Path(p).resolve() != HERE]  # its folders bear the libraries' names and must not pass for them
DTYPE = {"fp64": np.float64, "fp32": np.float32, "bf16": ml_dtypes.bfloat16, "fp16": np.float16}
WIRE = {"float64": "F64", "float32": "F32", "bfloat16": "BF16", "float16": "F16", "bool": "BOOL"}
INPUTS = ["q", "k", "v", "g", "beta", "a", "b", "A_log", "dt_bias", "state_in"]


# ---- Cases


@dataclass(frozen=True)
class Case:
    name: str  # library/function-and-what-is-special; the seed is derived from it
    peer: str
    shape: tuple  # B T Hk Hv Dk Dv
    note: str  # why this case exists
    channel: bool = False  # one decay per key channel
    state: bool = True  # a state is carried in
    mask: str = ""  # left, right, holes, empty-row
    garbage: float = 1  # q, k, v at masked steps are this much larger
    dtype: str = "fp32"
    params: str = "fp32"  # type of A_log and dt_bias
    gates: str = "mild"
    keys: str = "unit"  # unit, equal, raw
    write: float | None = None  # one beta for every step
    cotangents: str = "dy dstate_out"

    @property
    def library(self):
        return self.name.split("/")[0]

    @property
    def danger(self):
        """What makes the case deliberately hard; a chunked form may lose digits on it."""
        return "collinear" if self.keys == "equal" else "decay" if self.gates in ("extreme", "tiny", "init", "saturated") else "none"


def draw(case, tensor, *shape):
    return np.random.default_rng(zlib.crc32(f"{case.name}:{tensor}".encode())).standard_normal(shape)


def uniform(case, tensor, *shape):
    return np.random.default_rng(zlib.crc32(f"{case.name}:{tensor}".encode())).random(shape)


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


TINY = np.float32(1e-12)
EXTREME = [0, 1e-30, np.nextafter(TINY, np.float32(0)), TINY, np.nextafter(TINY, np.float32(1)), 1e-9, 1e-6, 1 - 2**-24, 1]


def linear_gates(case, shape):
    """g. `mild`: -log g within 0..3 and mostly below 1. `extreme`: every fourth value from the list above; `tiny`: the same without 0."""
    if case.gates == "near1":
        return np.full(shape, 1 - 1e-7)
    g = np.exp(-3 * uniform(case, "g", *shape) ** 3)
    if case.gates != "mild":
        special = EXTREME if case.gates == "extreme" else EXTREME[1:]
        flat = g.reshape(-1)
        flat[::4] = np.resize(special, len(flat[::4]))
    return g


def model_gates(case, shape):
    """a, A_log, dt_bias. `init`: a fresh model; `saturated`: most log g below -20; `slow`: g within 0.02 of 1."""
    _, _, _, Hv, Dk, _ = case.shape
    centre, low, high, bias = {"mild": (0, 0.1, 1, -1), "init": (0, 0.05, 16, 1), "saturated": (3, 7.4, 12, 0), "slow": (-7, 0.5, 2, 0)}[case.gates]
    a = centre + draw(case, "a", *shape)
    A_log = np.log(low + (high - low) * uniform(case, "A_log", *((Hv, 1) if case.channel else (Hv,))))
    dt_bias = bias + 0.2 * draw(case, "dt_bias", *((Hv, Dk) if case.channel else (Hv,)))
    return a, A_log, dt_bias


def mask_of(case):
    B, T = case.shape[:2]
    t, b = np.arange(T)[None, :], np.arange(B)[:, None]
    pad = np.minimum(T // 3 + b, T - 1)
    mask = {"left": t >= pad, "right": t < T - pad, "holes": uniform(case, "mask", B, T) < 0.7, "empty-row": (t >= 2) & (b > 0)}[case.mask]
    return np.broadcast_to(mask, (B, T)).copy()


def inputs_of(case, level):
    B, T, Hk, Hv, Dk, Dv = case.shape
    gate_shape = (B, T, Hv, Dk) if case.channel else (B, T, Hv)
    x = {"q": draw(case, "q", B, T, Hk, Dk) * Dk**-0.5, "k": draw(case, "k", B, T, Hk, Dk), "v": draw(case, "v", B, T, Hv, Dv)}
    if case.keys == "equal":
        x["k"] = np.broadcast_to(x["k"][:, :1], x["k"].shape)
    if case.keys != "raw":
        x["k"] = unit(x["k"])
    if level == "core":
        x["g"] = linear_gates(case, gate_shape)
        x["beta"] = sigmoid(draw(case, "beta", B, T, Hv)) if case.write is None else np.full((B, T, Hv), case.write)
    else:
        x["a"], x["A_log"], x["dt_bias"] = model_gates(case, gate_shape)
        x["b"] = draw(case, "b", B, T, Hv)
    if case.mask:
        x["mask"] = mask_of(case)
        for name in ("q", "k", "v"):
            x[name] = np.where(x["mask"][:, :, None, None], x[name], case.garbage * x[name])
    x = {n: t if n == "mask" else np.ascontiguousarray(t.astype(DTYPE[case.params if n in ("A_log", "dt_bias") else case.dtype])) for n, t in x.items()}  # fmt: skip
    state_type = np.float64 if case.dtype == "fp64" else np.float32
    if case.state:
        x["state_in"] = draw(case, "state_in", B, Hv, Dv, Dk).astype(state_type)
    if "dy" in case.cotangents:
        dy = draw(case, "dy", B, T, Hv, Dv) * (x["mask"][:, :, None, None] if case.mask else 1)
        x["dy"] = dy.astype(DTYPE[case.dtype])
    if "dstate_out" in case.cotangents:
        x["dstate_out"] = draw(case, "dstate_out", B, Hv, Dv, Dk).astype(state_type)
    return x


# ---- Peers: each takes the file's inputs and returns the file's results


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


def torch_run(call):
    """Differentiate call(q, k, v, log g, beta, state [B,Hv,Dk,Dv]) -> (y, state)."""
    import torch

    torch.set_num_threads(1)

    def to_torch(t):
        exact = t.astype(np.float32) if t.dtype == ml_dtypes.bfloat16 else t
        return torch.tensor(exact).to(getattr(torch, t.dtype.name))

    def to_numpy(t):
        return t.detach().float().numpy().astype(DTYPE[{"torch.bfloat16": "bf16", "torch.float16": "fp16"}.get(str(t.dtype), "fp32")])

    def run(x):
        leaves = {n: to_torch(x[n]) for n in INPUTS if n in x and n != "g"}
        leaves["log_g"] = to_torch(log_of(x["g"]))
        for leaf in leaves.values():
            leaf.requires_grad_()
        state = leaves["state_in"].mT if "state_in" in x else None
        y, state_out = call(leaves["q"], leaves["k"], leaves["v"], leaves["log_g"], leaves["beta"], state)
        outputs = {"dy": y, "dstate_out": state_out.mT}
        results = {"y": to_numpy(y), "state_out": to_numpy(state_out.mT)}
        driven = [n for n in outputs if n in x]
        if not driven:
            return results
        gradients = torch.autograd.grad([outputs[n] for n in driven], list(leaves.values()), [to_torch(x[n]) for n in driven])
        results |= {gradient_name(n): to_numpy(t) for n, t in zip(leaves, gradients)}
        dlog_g = results.pop("dlog_g")
        if x["g"].min() >= 1e-4:  # below, rounding noise of dlog_g is all that the quotient shows
            results["dg"] = (dlog_g.astype(np.float64) / x["g"]).astype(np.float32)
        return results

    return run


def log_of(g):
    with np.errstate(divide="ignore"):
        return np.log(g.astype(np.float64)).astype(np.float32)


def transformers_rule(name):
    """The plain torch function: the public name is a wrapper that prefers fla's kernels where fla is installed."""
    rule = inspect.unwrap(getattr(importlib.import_module("transformers.models.qwen3_next.modeling_qwen3_next"), name))

    def call(q, k, v, log_g, beta, state):  # scale 1/sqrt(Dk) is fixed inside
        return rule(q * q.shape[-1] ** 0.5, k, v, g=log_g, beta=beta, initial_state=state, output_final_state=True)

    return torch_run(call)


def fla_naive(folder, name):
    """fla's reference forms, loaded by path: the package itself needs Triton, these files do not."""
    root = importlib.util.find_spec("fla")
    if root is None:
        raise ImportError("fla is not installed")
    spec = importlib.util.spec_from_file_location(f"fla_{folder}_naive", Path(root.submodule_search_locations[0]) / "ops" / folder / "naive.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rule = getattr(module, name)

    def call(q, k, v, log_g, beta, state):  # the gated delta rule's forms want equal heads
        if folder == "gated_delta_rule":
            q, k = (t.repeat_interleave(v.shape[2] // t.shape[2], dim=2) for t in (q, k))
        return rule(q=q, k=k, v=v, g=log_g, beta=beta, scale=1.0, initial_state=state, output_final_state=True)

    return torch_run(call)


def onnx_run(op, inputs, outputs, attributes):
    """Run one node of the com.microsoft domain; inputs by the operator's own names, in order, None where absent."""
    import onnxruntime
    from onnx import TensorProto, helper

    types = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16, "int32": TensorProto.INT32}
    present = {n: t for n, t in inputs.items() if t is not None}
    node = helper.make_node(op, [n if n in present else "" for n in inputs], list(outputs), domain="com.microsoft", scale=1.0, **attributes)
    graph = helper.make_graph(
        [node], op,
        [helper.make_tensor_value_info(n, types[t.dtype.name], t.shape) for n, t in present.items()],
        [helper.make_tensor_value_info(n, types[np.dtype(t).name], None) for n, t in outputs.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(list(outputs), present)


def onnx_gated_delta_net():
    import onnx, onnxruntime  # noqa: E401, F401

    def run(x):
        B, T, _, Dk = x["q"].shape
        Hv, Dv = x["v"].shape[2:]
        state = x.get("state_in", np.zeros((B, Hv, Dv, Dk), np.float32))  # the operator reads B from it
        if "g" in x:
            gates, attributes = {"decay": log_of(x["g"]), "beta": x["beta"].astype(np.float32)}, {}
        else:
            gates, attributes = {"decay": x["a"], "beta": x["b"]}, {"gate_activation": "softplus", "beta_activation": "sigmoid"}
        A_log, dt_bias = (x.get(n) for n in ("A_log", "dt_bias"))
        y, state_out = onnx_run(
            "GatedDeltaNet",
            {"query": x["q"], "key": x["k"], "value": x["v"], "cu_seqlens": None, **gates, "initial_state": state,
             "a_log": None if A_log is None else A_log.reshape(Hv), "dt_bias": dt_bias},
            {"output": x["q"].dtype, "final_state": np.float32}, attributes,
        )  # fmt: skip
        return {"y": y, "state_out": state_out}

    return run


def onnx_linear_attention():
    import onnx, onnxruntime  # noqa: E401, F401

    def run(x):
        B, T, Hk, _ = x["q"].shape
        Hv, Dv = x["v"].shape[2:]
        flat = {n: x[n].reshape(B, T, -1) for n in ("q", "k", "v", "beta")}
        state = np.ascontiguousarray(x["state_in"].swapaxes(-1, -2)) if "state_in" in x else None
        y, state_out = onnx_run(
            "LinearAttention",
            {"query": flat["q"], "key": flat["k"], "value": flat["v"], "past_state": state,
             "decay": log_of(x["g"]).reshape(B, T, -1), "beta": flat["beta"]},
            {"output": x["q"].dtype, "present_state": np.float32},
            {"q_num_heads": Hk, "kv_num_heads": Hv, "update_rule": "gated_delta"},
        )  # fmt: skip
        return {"y": y.reshape(B, T, Hv, Dv), "state_out": np.ascontiguousarray(state_out.swapaxes(-1, -2))}

    return run


@dataclass(frozen=True)
class Peer:
    function: str
    level: str
    form: str
    load: object
    packages: tuple  # the library, and what it computes with

    @property
    def takes_log(self):
        return self.packages != MLX and self.level == "core"

    @property
    def chunked(self):
        return self.form != "sequential"


MLX = ("mlx-lm", "mlx")
TORCH = ("transformers", "torch")
FLA = ("fla-core", "torch")
ONNX = ("onnxruntime",)
PEERS = {
    "ops": Peer("gated_delta_ops", "core", "sequential", mlx_ops, MLX),
    "update": Peer("gated_delta_update(use_kernel=False)", "model", "sequential", mlx_update, MLX),
    "hf-chunk": Peer("torch_chunk_gated_delta_rule", "core", "chunked:64", lambda: transformers_rule("torch_chunk_gated_delta_rule"), TORCH),
    "hf-recurrent": Peer("torch_recurrent_gated_delta_rule", "core", "sequential", lambda: transformers_rule("torch_recurrent_gated_delta_rule"), TORCH),
    "gdr-recurrent": Peer("naive_recurrent_gated_delta_rule", "core", "sequential", lambda: fla_naive("gated_delta_rule", "naive_recurrent_gated_delta_rule"), FLA),
    "gdr-chunk": Peer("naive_chunk_gated_delta_rule", "core", "chunked:64", lambda: fla_naive("gated_delta_rule", "naive_chunk_gated_delta_rule"), FLA),
    "kda-recurrent": Peer("naive_recurrent_kda", "core", "sequential", lambda: fla_naive("kda", "naive_recurrent_kda"), FLA),
    "kda-chunk": Peer("naive_chunk_kda", "core", "chunked:64", lambda: fla_naive("kda", "naive_chunk_kda"), FLA),
    "net": Peer("com.microsoft.GatedDeltaNet", "core", "sequential", onnx_gated_delta_net, ONNX),
    "net-model": Peer("com.microsoft.GatedDeltaNet(gate_activation=softplus, beta_activation=sigmoid)", "model", "sequential", onnx_gated_delta_net, ONNX),
    "linear": Peer("com.microsoft.LinearAttention(update_rule=gated_delta)", "core", "sequential", onnx_linear_attention, ONNX),
}  # fmt: skip

FORWARD = dict(cotangents="")
CASES = [
    # mlx-lm, core level
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
    # mlx-lm, model level
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
    # transformers
    Case("transformers/chunk-fd-seed", "hf-chunk", (1, 4, 2, 4, 8, 8), "the shape of the upstream finite-difference test, padded to a chunk", state=False),
    Case("transformers/chunk-T130", "hf-chunk", (2, 130, 1, 2, 4, 3), "past two chunks with a carried state"),
    Case("transformers/chunk-1to3-T65", "hf-chunk", (2, 65, 2, 6, 4, 2), "three value heads to a key head"),
    Case("transformers/chunk-tiny-decay", "hf-chunk", (1, 70, 1, 2, 4, 3), "decays down to 1e-30 through sums of logarithms", gates="tiny"),
    Case("transformers/chunk-equal-keys-0.999", "hf-chunk", (1, 130, 1, 2, 4, 3), "one key repeated: its triangular solve stays accurate", keys="equal", write=0.999, gates="near1"),
    Case("transformers/chunk-bf16", "hf-chunk", (1, 65, 2, 4, 4, 3), "bf16 inputs, fp32 arithmetic inside", dtype="bf16", state=False),
    Case("transformers/recurrent-1to4", "hf-recurrent", (2, 33, 2, 8, 4, 3), "four value heads to a key head"),
    Case("transformers/recurrent-extreme-decay", "hf-recurrent", (1, 70, 1, 2, 4, 3), "log g down to minus infinity", gates="extreme"),
    # fla
    Case("fla/gdr-recurrent-1to2", "gdr-recurrent", (2, 33, 2, 4, 5, 3), "two value heads to a key head"),
    Case("fla/gdr-recurrent-extreme-decay", "gdr-recurrent", (1, 70, 1, 2, 4, 3), "log g down to minus infinity", gates="extreme"),
    Case("fla/gdr-chunk-T130", "gdr-chunk", (2, 130, 1, 2, 3, 4), "past two chunks with a carried state"),
    Case("fla/gdr-chunk-equal-keys-1", "gdr-chunk", (1, 130, 1, 2, 4, 3), "one key repeated, beta exactly 1", keys="equal", write=1.0, gates="near1"),
    Case("fla/kda-recurrent-1to3", "kda-recurrent", (2, 33, 2, 6, 4, 3), "decay per key channel, three value heads to a key head", channel=True),
    Case("fla/kda-recurrent-T65", "kda-recurrent", (1, 65, 2, 2, 3, 5), "decay per key channel past a chunk, no state", channel=True, state=False),
    Case("fla/kda-chunk-T128", "kda-chunk", (1, 128, 1, 2, 4, 3), "decay per key channel, two whole chunks", channel=True),
    Case("fla/kda-chunk-1to2", "kda-chunk", (2, 64, 2, 4, 3, 2), "decay per key channel, two value heads to a key head", channel=True),
    Case("fla/kda-chunk-tiny-decay", "kda-chunk", (1, 128, 1, 2, 4, 3), "forward only: where log g sums below -88 in a chunk its gradients are NaN", channel=True, gates="tiny", **FORWARD),
    # onnxruntime, forward only
    Case("onnxruntime/net-1to2", "net", (2, 33, 2, 4, 5, 3), "GatedDeltaNet", **FORWARD),
    Case("onnxruntime/net-T130", "net", (1, 130, 2, 6, 4, 3), "GatedDeltaNet past two chunks, three value heads to a key head", state=False, **FORWARD),
    Case("onnxruntime/net-extreme-decay", "net", (1, 70, 1, 2, 4, 3), "GatedDeltaNet with log g down to minus infinity", gates="extreme", **FORWARD),
    Case("onnxruntime/net-channel", "net", (2, 33, 2, 4, 4, 5), "GatedDeltaNet, decay per key channel", channel=True, **FORWARD),
    Case("onnxruntime/net-fp16", "net", (1, 33, 2, 4, 4, 6), "GatedDeltaNet, fp16 inputs and fp32 state", dtype="fp16", **FORWARD),
    Case("onnxruntime/net-model", "net-model", (2, 33, 2, 4, 3, 5), "GatedDeltaNet from a, b, A_log, dt_bias", **FORWARD),
    Case("onnxruntime/net-model-channel", "net-model", (1, 65, 2, 4, 4, 3), "GatedDeltaNet from a, b, A_log, dt_bias per key channel", channel=True, **FORWARD),
    Case("onnxruntime/linear-T65", "linear", (2, 65, 2, 2, 3, 5), "LinearAttention, equal heads", **FORWARD),
    Case("onnxruntime/linear-channel-1to2", "linear", (2, 33, 2, 4, 4, 3), "LinearAttention, decay per key channel, two value heads to a key head", channel=True, **FORWARD),
]  # fmt: skip


# ---- The check: a float64 recurrence and its reverse sweep


def rounded(t, dtype):
    """t rounded to a 16-bit type; wider types are left as float64."""
    return t.astype(dtype).astype(np.float64) if np.dtype(dtype).itemsize == 2 else t


def sigmoid_as(dtype, b):
    """MLX rounds the exponential and the result to the type of b."""
    if np.dtype(dtype).itemsize != 2:
        return sigmoid(b)
    r = 1 / (1 + rounded(np.exp(np.abs(b)), dtype))
    return rounded(np.where(b < 0, r, 1 - r), dtype)


def softplus_as(dtype, z):
    z = rounded(z, dtype)
    return z, rounded(np.maximum(z, 0) + rounded(np.log1p(rounded(np.exp(-np.abs(z)), dtype)), dtype), dtype)


def reference(x):
    """y, state_out and every gradient in float64, from gates rounded as MLX rounds them."""
    f = {n: t.astype(np.float64) for n, t in x.items() if n != "mask"}
    B, T, Hk, Dk = x["q"].shape
    Hv, Dv = x["v"].shape[2:]
    group = Hv // Hk
    if "g" in x:
        g, beta = f["g"], f["beta"]
    else:
        gate_type = x["a"].dtype if x["a"].dtype == x["dt_bias"].dtype else np.float32
        z, softplus = softplus_as(gate_type, f["a"] + f["dt_bias"])
        lam = -np.exp(f["A_log"]) * softplus
        g, beta = np.exp(lam), sigmoid_as(x["b"].dtype, f["b"])
    q, k = np.repeat(f["q"], group, axis=2), np.repeat(f["k"], group, axis=2)
    v = f["v"]
    decay = g[..., None, :] if g.ndim == 4 else g[..., None, None]
    live = x.get("mask", np.ones((B, T), bool))[:, :, None, None, None]

    S = f.get("state_in", np.zeros((B, Hv, Dv, Dk)))
    states, y = [S], np.zeros_like(v)
    for t in range(T):
        St = S * decay[:, t]
        e = v[:, t] - np.einsum("bhij,bhj->bhi", St, k[:, t])
        C = St + (beta[:, t, :, None] * e)[..., None] * k[:, t, :, None, :]
        y[:, t] = np.einsum("bhij,bhj->bhi", C, q[:, t])
        S = np.where(live[:, t], C, S)
        states.append(S)
    out = {"y": y, "state_out": S}
    if "dy" not in x and "dstate_out" not in x:
        return out

    dS = f.get("dstate_out", np.zeros_like(S))
    dy = f.get("dy", np.zeros_like(v))
    dq, dk, dv, dbeta, dg = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v), np.zeros_like(beta), np.zeros_like(g)
    for t in reversed(range(T)):
        before, kt, bt = states[t], k[:, t], beta[:, t, :, None]
        St = before * decay[:, t]
        e = v[:, t] - np.einsum("bhij,bhj->bhi", St, kt)
        C = St + (bt * e)[..., None] * kt[:, :, None, :]
        dC = np.where(live[:, t], dS, 0) + dy[:, t, :, :, None] * q[:, t, :, None, :]
        dd = np.einsum("bhij,bhj->bhi", dC, kt)
        de = bt * dd
        dSt = dC - de[..., None] * kt[:, :, None, :]
        dq[:, t] = np.einsum("bhij,bhi->bhj", C, dy[:, t])
        dk[:, t] = np.einsum("bhij,bhi->bhj", dC, bt * e) - np.einsum("bhij,bhi->bhj", St, de)
        dv[:, t], dbeta[:, t] = de, (dd * e).sum(-1)
        dg[:, t] = (dSt * before).sum(-2) if g.ndim == 4 else (dSt * before).sum((-1, -2))
        dS = np.where(live[:, t], dSt * decay[:, t], dS)
    out |= {n: t.reshape(B, T, Hk, group, Dk).sum(3) for n, t in (("dq", dq), ("dk", dk))} | {"dv": dv, "dstate_in": dS}
    if "g" in x:
        return out | {"dg": dg, "dbeta": dbeta}
    dlam = dg * g
    da = -dlam * np.exp(f["A_log"]) * sigmoid(z)
    dA_log = (dlam * lam).sum((0, 1))
    return out | {"da": da, "db": dbeta * beta * (1 - beta), "ddt_bias": da.sum((0, 1)), "dA_log": dA_log.sum(-1, keepdims=True) if g.ndim == 4 else dA_log}


# Largest error of (outputs, gradients) over the largest element, by the tensor's own type. A 16-bit output is rounded once; its gradients several
# times, and summed over the heads of a group in 16 bits.
TOLERANCE = {"float64": (1e-14, 1e-14), "float32": (3e-6, 1e-5), "bfloat16": (4e-3, 1e-2), "float16": (5e-4, 1e-3)}


def errors(x, results):
    """Error of each result over the largest element of the true one; y at masked steps means nothing."""
    expected = reference(x)
    worst = {}
    for name, tensor in results.items():
        true = expected[name]
        if name == "y" and "mask" in x:
            tensor, true = tensor[x["mask"]], true[x["mask"]]
        worst[name] = np.abs(tensor.astype(np.float64) - true).max() / (np.abs(true).max() or 1)
    return worst


# ---- Files


def gradient_name(name):
    return "dstate_in" if name == "state_in" else "d" + name


def expected_shapes(case, level):
    B, T, Hk, Hv, Dk, Dv = case.shape
    qk, v, state, head = (B, T, Hk, Dk), (B, T, Hv, Dv), (B, Hv, Dv, Dk), (B, T, Hv)
    gate = (B, T, Hv, Dk) if case.channel else head
    shapes = {"q": qk, "k": qk, "v": v, "y": v, "dy": v, "state_in": state, "state_out": state, "dstate_out": state, "mask": (B, T)}
    if level == "core":
        shapes |= {"g": gate, "beta": head}
    else:
        shapes |= {"a": gate, "b": head, "A_log": (Hv, 1) if case.channel else (Hv,), "dt_bias": (Hv, Dk) if case.channel else (Hv,)}
    return shapes | {gradient_name(n): s for n, s in shapes.items() if n in INPUTS}


def roundings(case, peer):
    """The roundings inside the library that a reader of a 16-bit file has to know."""
    if case.dtype not in ("bf16", "fp16"):
        return ""
    narrow = ["y", "dq", "dk", "dv"] if case.cotangents else ["y"]
    if peer.packages == MLX and peer.level == "model":
        gates = ["a+dt_bias", "exp(-|z|)", "log1p", "softplus", "dA_log", "ddt_bias"] if case.params != "fp32" else []
        narrow = ["exp|b|", "beta", "da", "db"] + gates + narrow
    elif case.cotangents:
        narrow += ["dg", "dbeta"] if peer.packages == MLX else ["dbeta"]
    return ",".join(f"{n}:{case.dtype}" for n in narrow)


def types(case, peer):
    params = f", A_log and dt_bias {DTYPE[case.params].__name__}" if peer.level == "model" and case.params != case.dtype else ""
    return DTYPE[case.dtype].__name__ + params + (", state float32" if case.dtype in ("bf16", "fp16") else "")


def metadata(case, peer):
    versions = [f"{p} {importlib.metadata.version(p)}" for p in peer.packages]
    details = {
        "protocol": "1", "level": peer.level, "precision": case.dtype,
        "origin": ", ".join([f"{versions[0]} {peer.function}", *versions[1:]]) + " cpu",
        "library": peer.packages[0], "version": importlib.metadata.version(peer.packages[0]), "function": peer.function,
        "dtype": types(case, peer), "form": peer.form, "clamp": "none", "note": case.note, "danger": case.danger,
        "judged": "shown" if peer.chunked and case.danger != "none" else "yes", "roundings": roundings(case, peer),
    }  # fmt: skip
    return details | ({"log_g_rounding": "fp32"} if peer.takes_log else {})


def read(path):
    """The file as a stranger reads it: header, then bytes; nothing of the writer's library."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    types = {w: np.dtype(ml_dtypes.bfloat16 if n == "bfloat16" else n) for n, w in WIRE.items()}
    details = header.pop("__metadata__")
    return {n: np.frombuffer(body[slice(*e["data_offsets"])], types[e["dtype"]]).reshape(e["shape"]) for n, e in header.items()}, details


def stable(data):
    """The same bytes with the header's keys in order: the package writes its metadata in the order of a hash table."""
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data[8 + length :]


def write(case, peer, run, folder):
    x = inputs_of(case, peer.level)
    results = {n: np.ascontiguousarray(t) for n, t in run(x).items()}
    worst = errors(x, results)
    path = folder / f"{case.name}.safetensors"
    details = metadata(case, peer)
    limits = {n: TOLERANCE[t.dtype.name][0 if n in ("y", "state_out") else 1] for n, t in results.items()}
    bad = [f"{n} {e:.1e}" for n, e in worst.items() if not e <= limits[n]]
    finite = all(np.isfinite(t.astype(np.float64)).all() for t in results.values())
    if bad and details["judged"] == "yes" or not finite:
        raise AssertionError(f"{case.name} disagrees with the recurrence: {', '.join(bad)}; finite: {finite}")

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(stable(save(x | results, metadata=details)))
    check_written(case, peer, path, x | results)
    gradients = {n: e for n, e in worst.items() if n not in ("y", "state_out")}
    hardest = max(gradients, key=gradients.get, default="")
    size = path.stat().st_size
    gradient = f"{gradients[hardest]:.1e}" if gradients else "-"
    print(f"{case.name:42} {size:7} {worst['y']:9.1e} {worst['state_out']:9.1e} {gradient:>9} {hardest:9} {details['judged']}")
    return size


def check_written(case, peer, path, tensors):
    loaded, details = read(path)
    shapes = expected_shapes(case, peer.level)
    assert set(loaded) == set(tensors) and set(loaded) <= set(shapes), sorted(set(loaded) ^ set(tensors))
    assert details == metadata(case, peer)
    for name, tensor in loaded.items():
        assert tensor.shape == shapes[name], (name, tensor.shape, shapes[name])
        assert tensor.dtype == tensors[name].dtype and tensor.tobytes() == tensors[name].tobytes(), name


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="LIBRARY", choices=sorted({c.library for c in CASES}), help="mlx-lm, transformers, fla or onnxruntime")
    parser.add_argument("--to", type=Path, default=HERE, help="folder to write to, by default the script's own")
    arguments = parser.parse_args()
    total = count = failures = 0
    print(f"{'file':42} {'bytes':>7} {'y':>9} {'state':>9} {'gradient':>9}           error over the largest element, against float64")
    for name, peer in PEERS.items():
        cases = [c for c in CASES if c.peer == name and arguments.only in (None, c.library)]
        if not cases:
            continue
        try:
            run = peer.load()
        except ImportError as error:
            print(f"skipped: {peer.function} ({error})")
            continue
        except Exception as error:
            failures += len(cases)
            print(f"failed: {peer.function}: {error}")
            continue
        for case in cases:
            try:
                total += write(case, peer, run, arguments.to)
                count += 1
            except Exception as error:  # one library's failure must not cost the others' files
                failures += 1
                print(f"failed: {case.name}: {error}")
    print(f"{count} files, {total} bytes, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
