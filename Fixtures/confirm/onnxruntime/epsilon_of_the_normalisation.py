"""The epsilon of qk_l2_norm depends on gate_activation: 1e-12, but 1e-6 with a sigmoid gate.

library: onnxruntime 1.32.0
function: com.microsoft.GatedDeltaNet
kind: bug
known: not found in November 2026
recipe: none: a key that is far from unit length, which only a contract draws
worker: onnx-net-l2norm

The schema says "L2-normalize each query and key head vector" and names no epsilon. Models of this family add 1e-6 to the sum of squares (transformers,
fla). For a key of norm 1e-4 the final state is 0.99995 v where the gate is given or softplus, and 0.0995 v with gate_activation=sigmoid.

Expected: one epsilon, 1e-6, and a sentence in the schema.
"""

import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper


def state_with(gate):
    attributes = {"qk_l2_norm": 1} | ({"gate_activation": gate} if gate else {})
    shapes = {"query": (1, 1, 4), "key": (1, 1, 4), "value": (1, 1, 4), "cu_seqlens": None, "decay": (1, 1, 4), "beta": (1, 1), "initial_state": (1, 1, 4, 4)}
    if gate:
        shapes |= {"a_log": (1,), "dt_bias": (4,)}
    feed = {n: np.zeros(s, np.float32) for n, s in shapes.items() if s}
    feed |= {"key": np.full((1, 1, 4), 5e-5, np.float32), "value": np.ones((1, 1, 4), np.float32), "beta": np.ones((1, 1), np.float32)}
    inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shapes.items() if s]
    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("output", "final_state")]
    node = helper.make_node("GatedDeltaNet", [n if s else "" for n, s in shapes.items()], ["output", "final_state"], domain="com.microsoft", **attributes)
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(helper.make_graph([node], "g", inputs, outputs), opset_imports=opsets, ir_version=10)
    state = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, feed)[1]
    return np.linalg.norm(state[0, 0, 0])  # of v = 1: the length of the key as it was used


lengths = {gate or "none": float(state_with(gate)) for gate in ("", "sigmoid")}
print("expected a key of norm 1e-4 to have the same length after the normalisation, whatever makes the gate (0.0995 with an epsilon of 1e-6)")
print(f"actual   gate none {lengths['none']:.5f}, sigmoid {lengths['sigmoid']:.5f}")
sys.exit(not abs(lengths["none"] - lengths["sigmoid"]) < 1e-3)
