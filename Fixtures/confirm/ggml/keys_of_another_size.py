"""Keys narrower than values are read past their end: nothing checks that Dk is Dv.

library: ggml 0.25.3
function: ggml_gated_delta_net
kind: bug
known: not found in November 2026 (ggml-org/llama.cpp#25704 is about K alone)
recipe: none: the worker refuses Dk other than Dv
worker: ggml

ggml.h says "S_k == S_v". The function asserts the shape of the state and of g, and nothing of q and k: with S_k = 2 and S_v = 4 every dot product of 4
values runs into the next token, and for the last one past the tensor. The answer is a number without a word. Models with keys and values of
different sizes exist (Dk 192, Dv 128).

Expected: GGML_ASSERT(q->ne[0] == S_v && k->ne[0] == S_v), and the same for tokens, sequences, and the heads of g and beta.
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


q = np.array([[1, 0], [5, 7]]).reshape(1, 2, 1, 2)  # two tokens of one head
zeros, ones = np.zeros((1, 2, 1, 1)), np.ones((1, 2, 1, 1))
state = np.zeros((1, 1, 4, 4))
state[..., 2] = 1  # channel 2, which a key of 2 channels does not have
print("expected an assertion: q [2,1,2,1], v [4,1,2,1]", flush=True)
# An assertion ends the process.
if (child := os.fork()) == 0:
    y = gated_delta_net(q, q, np.zeros((1, 2, 1, 4)), zeros, zeros, state)[:8]
    print(f"actual   y of the first token is {y[:4].tolist()}: the second query, 5, times the state, times 1/2")
    sys.stdout.flush()
    os._exit(1)
if os.WIFSIGNALED(os.waitpid(child, 0)[1]):
    print("actual   one")
    sys.exit(0)
sys.exit(1)
