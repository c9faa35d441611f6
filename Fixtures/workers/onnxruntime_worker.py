#!/usr/bin/env python3
"""onnxruntime's contributed operators as a worker, forward only.

gdr fuzz --against 'onnx=python3 onnxruntime_worker.py net'           GatedDeltaNet, or linear: LinearAttention; --all: refuse nothing accepted
"""

import sys

import numpy as np

from numpy_worker import Refusal, serve

EVERYTHING = "--all" in sys.argv
sessions = {}


def run(op, inputs, outputs, attributes):
    """One node of the com.microsoft domain; inputs by the operator's own names, in order, None where absent."""
    types = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16}
    present = {n: np.ascontiguousarray(t) for n, t in inputs.items() if t is not None}
    key = (op, *((n, t.dtype.name, t.ndim) for n, t in present.items()), *sorted(attributes.items()))
    if key not in sessions:
        node = helper.make_node(op, [n if n in present else "" for n in inputs], list(outputs), domain="com.microsoft", scale=1.0, **attributes)
        graph = helper.make_graph(
            [node], op,
            [helper.make_tensor_value_info(n, types[t.dtype.name], [None] * t.ndim) for n, t in present.items()],
            [helper.make_tensor_value_info(n, types[np.dtype(t).name], None) for n, t in outputs.items()],
        )  # fmt: skip
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)], ir_version=10)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        sessions[key] = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return sessions[key].run(list(outputs), present)


def log_of(g):
    with np.errstate(divide="ignore"):
        return np.log(g.astype(np.float64)).astype(np.float32)


def narrowed(x, request):
    """The inputs in the request's format, or a refusal of what both operators do not take."""
    if request["precision"] == "bf16":
        raise Refusal("bf16 does not pass through numpy")
    if "mask" in x and not x.pop("mask").all():
        raise Refusal("has no mask")
    if x["q"].shape[1] == 0:
        raise Refusal("takes at least one token")
    real = np.float16 if request["precision"] == "fp16" else np.float32
    return {n: t.astype(real if n in ("q", "k", "v", "beta", "a", "b") else np.float32) for n, t in x.items()}


def gated_delta_net(x, request):
    x = narrowed(x, request)
    B, _, _, Dk = x["q"].shape
    Hv, Dv = x["v"].shape[2:]
    state = x.get("state_in", np.zeros((B, Hv, Dv, Dk), np.float32))  # the operator reads B from it
    if "g" in x:
        gates, attributes = {"decay": log_of(x["g"]), "beta": x["beta"].astype(np.float32)}, {}
    else:
        gates = {"decay": x["a"].astype(np.float32), "beta": x["b"].astype(np.float32)}
        attributes = {"gate_activation": "softplus", "beta_activation": "sigmoid"}
    A_log, dt_bias = x.get("A_log"), x.get("dt_bias")
    y, state_out = run(
        "GatedDeltaNet",
        {"query": x["q"], "key": x["k"], "value": x["v"], "cu_seqlens": None, **gates, "initial_state": state,
         "a_log": None if A_log is None else A_log.reshape(Hv), "dt_bias": dt_bias},
        {"output": x["q"].dtype, "final_state": np.float32}, attributes,
    )  # fmt: skip
    return {"y": y, "state_out": state_out}


def linear_attention(x, request):
    if "g" not in x:
        raise Refusal("takes g and beta")
    x = narrowed(x, request)
    if request["precision"] == "fp16":
        raise Refusal("keeps its state in fp16 where q is")
    B, T, Hk, _ = x["q"].shape
    Hv, Dv = x["v"].shape[2:]
    flat = {n: x[n].reshape(B, T, -1) for n in ("q", "k", "v", "beta")}
    state = x["state_in"].swapaxes(-1, -2) if "state_in" in x else None
    y, state_out = run(
        "LinearAttention",
        {"query": flat["q"], "key": flat["k"], "value": flat["v"], "past_state": state, "decay": log_of(x["g"]).reshape(B, T, -1), "beta": flat["beta"]},
        {"output": np.float32, "present_state": np.float32},
        {"q_num_heads": Hk, "kv_num_heads": Hv, "update_rule": "gated_delta"},
    )  # fmt: skip
    return {"y": y.reshape(B, T, Hv, Dv), "state_out": state_out.swapaxes(-1, -2)}


if __name__ == "__main__":
    linear = "linear" in sys.argv
    declaration = {"name": "LinearAttention" if linear else "GatedDeltaNet", "library": "onnxruntime", "form": "sequential", "clamp": "log:-1000", "gradients": "none"}
    try:
        import onnxruntime
        from onnx import TensorProto, helper

        declaration["version"] = onnxruntime.__version__
        onnxruntime.set_default_logger_severity(3)
    except ImportError as error:
        declaration["refusal"] = f"onnxruntime cannot be loaded: {error}"
    serve(declaration, linear_attention if linear else gated_delta_net)
