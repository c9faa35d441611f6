"""onnxruntime's contributed operators, forward only."""

import numpy as np

from .case import Case
from .peer import Peer, log_of


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


ONNX = ("onnxruntime",)
PEERS = {
    "net": Peer("com.microsoft.GatedDeltaNet", "core", "sequential", onnx_gated_delta_net, ONNX),
    "net-model": Peer("com.microsoft.GatedDeltaNet(gate_activation=softplus, beta_activation=sigmoid)", "model", "sequential", onnx_gated_delta_net, ONNX),
    "linear": Peer("com.microsoft.LinearAttention(update_rule=gated_delta)", "core", "sequential", onnx_linear_attention, ONNX),
}  # fmt: skip

FORWARD = dict(cotangents="")
CASES = [
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
