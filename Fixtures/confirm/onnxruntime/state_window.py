"""state_window, which the schema documents, is refused by the CPU's kernel.

library: onnxruntime 1.32.0
function: com.microsoft.LinearAttention
kind: limit
known: not found in November 2026
recipe: none: the worker does not ask for a window
worker: onnx-linear

The schema: "Number of trailing per-token recurrent states held by past_state and present_state ... Valid range is [0, 8]", with no word of execution
providers, and shape inference accepts it; a model with a window of 1 then cannot be loaded on a CPU.

Expected: the window on the CPU too, or a sentence in the schema (GatedDeltaNet's names its providers).
"""

import sys

import onnxruntime
from onnx import TensorProto, helper

onnxruntime.set_default_logger_severity(4)
names = {"query": (1, 1, 4), "key": (1, 1, 4), "value": (1, 1, 4), "past_state": (1, 1, 1, 4, 4), "decay": (1, 1, 1), "beta": (1, 1, 1)}
inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in names.items()]
outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("output", "present_state")]
node = helper.make_node("LinearAttention", list(names), ["output", "present_state"], domain="com.microsoft", q_num_heads=1, kv_num_heads=1, state_window=1)
opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
model = helper.make_model(helper.make_graph([node], "g", inputs, outputs), opset_imports=opsets, ir_version=10)
print("expected a session with state_window=1")
try:
    onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
except Exception as error:
    print(f"actual   {type(error).__name__}: {str(error).split(chr(10))[0].split('] ')[-1][-160:]}")
    sys.exit(1)
print("actual   one")
