"""The functions of libggml that one operation needs: a context, tensors of float32, a graph of one node, and its result."""

from __future__ import annotations

import ctypes
import importlib.metadata
import importlib.util
from pathlib import Path

import numpy as np

F32 = 0
# What a context holds beside the values: tensors' heads and the graph.
OVERHEAD = 1 << 20


class Parameters(ctypes.Structure):
    _fields_ = [("mem_size", ctypes.c_size_t), ("mem_buffer", ctypes.c_void_p), ("no_alloc", ctypes.c_bool)]


class Library:
    """Raises ImportError where there is no libggml, or one without the operation."""

    def __init__(self, folder: str | None):
        self.folder, self.version = (Path(folder), folder) if folder else installed()
        # Those that it needs itself come first.
        base = self.load("ggml-base")
        self.compute = self.load("ggml-cpu").ggml_graph_compute_with_ctx
        self.compute.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]
        if not hasattr(base, "ggml_gated_delta_net"):
            raise ImportError(f"libggml in {self.folder} has no ggml_gated_delta_net")
        self.base = base
        pointer, integer = ctypes.c_void_p, ctypes.c_int64
        for name, result, arguments in (
            ("ggml_init", pointer, [Parameters]), ("ggml_free", None, [pointer]), ("ggml_get_data", pointer, [pointer]),
            ("ggml_new_tensor_4d", pointer, [pointer, ctypes.c_int, *[integer] * 4]), ("ggml_new_graph", pointer, [pointer]),
            ("ggml_build_forward_expand", None, [pointer, pointer]), ("ggml_gated_delta_net", pointer, [pointer] * 7 + [integer]),
        ):  # fmt: skip
            function = getattr(base, name)
            function.restype, function.argtypes = result, arguments

    def load(self, name: str) -> ctypes.CDLL:
        for pattern in f"lib{name}.so", f"lib{name}.dylib", f"lib{name}.so.*":
            for path in sorted(self.folder.rglob(pattern)):
                return ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
        raise ImportError(f"no lib{name} in {self.folder}")

    def gated_delta_net(self, inputs: list[np.ndarray], size: int, threads: int) -> np.ndarray:
        """`size` values behind one another: y, then the state. Inputs are q, k, v, log g, beta and the state, of four dimensions, the fastest last."""
        # A call makes a copy of every input, the result and what it works in.
        room = sum(a.nbytes for a in inputs) + 4 * size
        context = self.base.ggml_init(Parameters(2 * room + OVERHEAD, None, False))
        try:
            tensors = [self.tensor(context, a) for a in inputs]
            result = self.base.ggml_gated_delta_net(context, *tensors, 1)
            graph = self.base.ggml_new_graph(context)
            self.base.ggml_build_forward_expand(graph, result)
            if status := self.compute(context, graph, threads):
                raise RuntimeError(f"ggml_graph_compute_with_ctx returned {status}")
            return np.ctypeslib.as_array((ctypes.c_float * size).from_address(self.base.ggml_get_data(result))).copy()
        finally:
            self.base.ggml_free(context)

    def tensor(self, context: int, values: np.ndarray) -> int:
        values = np.ascontiguousarray(values, np.float32)
        tensor = self.base.ggml_new_tensor_4d(context, F32, *reversed(values.shape))
        ctypes.memmove(self.base.ggml_get_data(tensor), values.ctypes.data, values.nbytes)
        return tensor




def installed() -> tuple[Path, str]:
    """Of llama-cpp-python: its folder of libraries and its version."""
    found = importlib.util.find_spec("llama_cpp")
    if found is None:
        raise ImportError("llama-cpp-python is not installed, and no --library names a folder with libggml")
    return Path(found.submodule_search_locations[0]), f"llama-cpp-python {importlib.metadata.version('llama-cpp-python')}"
