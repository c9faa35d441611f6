"""Value heads that are no multiple of the key heads are accepted.

library: ggml 0.25.3
function: ggml_gated_delta_net
kind: limit
known: not found in November 2026
recipe: none: gdr draws no such shape
worker: ggml

ggml.h says "H_v % H_k == 0"; nothing asserts it. With 3 value heads on 2 key heads the third takes key head 2 % 2 = 0.

Expected: GGML_ASSERT(v->ne[1] % q->ne[1] == 0 && q->ne[1] == k->ne[1]).
"""

import ctypes
import os
import sys
from pathlib import Path

import numpy as np


def library(name):
    for path in sorted(Path(os.environ.get("GDR_GGML", "/nowhere")).rglob(f"lib{name}.*")):
        return ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
    print(f"needs the folder of lib{name} in GDR_GGML")
    sys.exit(77)


class Parameters(ctypes.Structure):
    _fields_ = [("mem_size", ctypes.c_size_t), ("mem_buffer", ctypes.c_void_p), ("no_alloc", ctypes.c_bool)]


def gated_delta_net(q, k, v, g, beta, state, snapshots=1):
    """The op's values, those of y first; what it does not write is 777. Shapes are in the order of numpy: [B,T,H,D]."""
    base, cpu = library("ggml-base"), library("ggml-cpu")
    for name in ("ggml_init", "ggml_new_tensor_4d", "ggml_gated_delta_net", "ggml_new_graph", "ggml_get_data"):
        getattr(base, name).restype = ctypes.c_void_p
    context = ctypes.c_void_p(base.ggml_init(Parameters(1 << 24, None, False)))
    tensors = []
    for values in (q, k, v, g, beta, state):
        sizes = (ctypes.c_int64(n) for n in reversed(values.shape))
        tensor = ctypes.c_void_p(base.ggml_new_tensor_4d(context, 0, *sizes))
        ctypes.memmove(ctypes.c_void_p(base.ggml_get_data(tensor)), values.astype(np.float32).ctypes.data, 4 * values.size)
        tensors.append(tensor)
    result = ctypes.c_void_p(base.ggml_gated_delta_net(context, *tensors, ctypes.c_int64(snapshots)))
    count = v.size + snapshots * state.size
    out = np.ctypeslib.as_array((ctypes.c_float * count).from_address(base.ggml_get_data(result)))
    out[:] = 777
    graph = ctypes.c_void_p(base.ggml_new_graph(context))
    base.ggml_build_forward_expand(graph, result)
    cpu.ggml_graph_compute_with_ctx(context, graph, 1)
    return out.copy()


q, v, g = np.ones((1, 1, 2, 1)), np.ones((1, 1, 3, 1)), np.zeros((1, 1, 3, 1))
print("expected an assertion: 2 key heads, 3 value heads", flush=True)
# An assertion ends the process.
if (child := os.fork()) == 0:
    y = gated_delta_net(q, q, v, g, np.ones((1, 1, 3, 1)), np.zeros((1, 3, 1, 1)))[:3]
    print(f"actual   y {y.tolist()}")
    sys.stdout.flush()
    os._exit(1)
if os.WIFSIGNALED(os.waitpid(child, 0)[1]):
    print("actual   one")
    sys.exit(0)
sys.exit(1)
