"""Without tokens, and with more than one snapshot, the final state is not written.

library: ggml 0.25.3
function: ggml_gated_delta_net
kind: bug
known: not found in November 2026
recipe: none: the worker refuses T = 0
worker: ggml

ggml.h: "slot 0 = final state". A slot is written behind each token only, so that with n_tokens = 0 and K > 1 slot 0 keeps what was in memory; with
K = 1 the initial state is copied.

Expected: the initial state in slot 0.
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


nothing, state = np.zeros((1, 0, 1, 2)), np.arange(4.0).reshape(1, 1, 2, 2)
one, two = (gated_delta_net(nothing, nothing, nothing, np.zeros((1, 0, 1, 1)), np.zeros((1, 0, 1, 1)), state, n)[:4].tolist() for n in (1, 2))
print(f"expected the initial state {state.flatten().tolist()} with 1 snapshot and with 2")
print(f"actual   {one} with 1, {two} with 2 (777 is what was there before)")
sys.exit(two != state.flatten().tolist())
