"""The standard LinearAttention fails on no tokens, where com.microsoft's returns the state.

library: onnxruntime 1.32.0
function: ai.onnx.LinearAttention (opset 27)
kind: limit
known: not found in November 2026
recipe: none: the worker refuses T = 0
worker: onnx-standard

[B, 0, H*D] is a shape that the operator's definition does not exclude; its expansion into other operators ends in a Reshape of an empty tensor to a shape
with -1. The same model with domain com.microsoft answers an empty output and the state as it was. An empty batch fails likewise.

Expected: the same from both.
"""

import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

onnxruntime.set_default_logger_severity(4)


def outcome(domain):
    sizes = {"query": 4, "key": 4, "value": 4, "past_state": None, "decay": 1, "beta": 1}
    feed = {n: np.zeros((1, 0, s), np.float32) if s else np.ones((1, 1, 4, 4), np.float32) for n, s in sizes.items()}
    inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [None] * t.ndim) for n, t in feed.items()]
    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("output", "present_state")]
    node = helper.make_node("LinearAttention", list(sizes), ["output", "present_state"], domain=domain, q_num_heads=1, kv_num_heads=1)
    opsets = [helper.make_opsetid("", 27 if not domain else 21)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    model = helper.make_model(helper.make_graph([node], "g", inputs, outputs), opset_imports=opsets, ir_version=10)
    try:
        output, state = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, feed)
        return f"output {output.shape}, state {state.mean()}"
    except Exception as error:
        return type(error).__name__ + (" in Reshape" if "Reshape" in str(error) else "")


contributed, standard = outcome("com.microsoft"), outcome("")
print(f"expected {contributed}, as from com.microsoft")
print(f"actual   {standard}")
sys.exit(standard != contributed)
