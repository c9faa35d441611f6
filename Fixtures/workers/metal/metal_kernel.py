"""mx.fast.metal_kernel on a CPU: the function that MLX would generate around a source, over launch.py.

install() puts it in place before a library is imported that makes Metal kernels; the library itself stays as it is.
"""

from __future__ import annotations

import re

import mlx.core as mx
import numpy as np

from .launch import Argument, launch
from .modes import Modes
from .translation import translated

# What a source may name of the thread that runs it.
POSITIONS = {
    "thread_position_in_grid": "position_in_grid()", "thread_position_in_threadgroup": "position_in_threadgroup()",
    "threadgroup_position_in_grid": "threadgroup_position()", "threads_per_threadgroup": "threads_per_threadgroup()",
    "threads_per_grid": "threads_per_grid()", "threadgroups_per_grid": "threadgroups_per_grid()", "thread_index_in_simdgroup": "lane()",
    "simdgroup_index_in_threadgroup": "simdgroup()", "thread_index_in_threadgroup": "machine().current", "threads_per_simdgroup": "SIMD",
}  # fmt: skip
KINDS = {
    mx.float32: ("float", "f4"), mx.float16: ("float16_t", "f2"), mx.bfloat16: ("bfloat16_t", "u2"), mx.bool_: ("bool", "?"),
    mx.int8: ("int8_t", "i1"), mx.int16: ("int16_t", "i2"), mx.int32: ("int", "i4"), mx.int64: ("int64_t", "i8"),
    mx.uint8: ("uint8_t", "u1"), mx.uint16: ("uint16_t", "u2"), mx.uint32: ("uint32_t", "u4"), mx.uint64: ("uint64_t", "u8"),
}  # fmt: skip
MODES = Modes()
# Outputs by name that one kernel leaves to the next, and that need not be written everywhere.
SCRATCH: set[str] = set()


def bits(a: mx.array) -> np.ndarray:
    """bf16 as uint16."""
    mx.eval(a)
    return np.array(a.view(mx.uint16)) if a.dtype == mx.bfloat16 else np.array(a)


def array(values: np.ndarray, kind: mx.Dtype) -> mx.array:
    return mx.array(values).view(mx.bfloat16) if kind == mx.bfloat16 else mx.array(values)


class Kernel:
    """What mx.fast.metal_kernel returns."""

    def __init__(self, name, input_names, output_names, source, header="", ensure_row_contiguous=True, atomic_outputs=False, compile_options=None):
        self.name, self.inputs, self.outputs, self.source, self.header, self.added = name, input_names, output_names, source, header, atomic_outputs

    def __call__(self, inputs, grid, threadgroup, output_shapes, output_dtypes, template=(), init_value=None, verbose=False, stream=None):
        given = dict(zip(self.inputs, (a if isinstance(a, mx.array) else mx.array(a) for a in inputs)))
        arguments, parameters = self.given(given)
        for name, shape, kind in zip(self.outputs, output_shapes, output_dtypes):
            pointee, element = KINDS[kind]
            parameters.append((f"atomic<{pointee}>" if self.added else pointee, "*", name))
            # A value in every byte is all that is supported: 0, or none.
            if init_value not in (None, 0):
                raise NotImplementedError("init_value other than 0")
            arguments.append(Argument(name, shape=tuple(shape), type=element, fill=None if init_value is None else 0, scratch=name in SCRATCH, added=self.added and kind == mx.float32))
        results = launch(self.text(parameters, template), arguments, grid, threadgroup, MODES)
        return [array(results[name], kind) for name, kind in zip(self.outputs, output_dtypes)]

    def given(self, inputs: dict[str, mx.array]) -> tuple[list[Argument], list[tuple[str, str, str]]]:
        """The inputs, and behind each what the source names of its shape; with (type, pointer or reference, name) of each."""
        arguments, parameters = [], []
        for name, a in inputs.items():
            arguments.append(Argument(name, bits(a)))
            parameters.append((f"const {KINDS[a.dtype][0]}", "&" if a.ndim == 0 else "*", name))
            strides = [int(np.prod(a.shape[i + 1 :])) for i in range(a.ndim)]
            for suffix, values, kind, how in ("shape", a.shape, "int", "*"), ("strides", strides, "int64_t", "*"), ("ndim", a.ndim, "int", "&"):
                if a.ndim and re.search(rf"\b{name}_{suffix}\b", self.source):
                    arguments.append(Argument(f"{name}_{suffix}", np.array(values, np.int64 if kind == "int64_t" else np.int32)))
                    parameters.append((f"const {kind}", how, f"{name}_{suffix}"))
        return arguments, parameters

    def text(self, parameters: list[tuple[str, str, str]], template) -> str:
        positions = [p for p in POSITIONS if re.search(rf"\b{p}\b", self.source)]
        declared = [f"{kind}{how} {name}" for kind, how, name in parameters] + [f"decltype(msl::{POSITIONS[p]}) {p}" for p in positions]
        passed = [f"{'*' if how == '&' else ''}msl::buffer<{kind}>({i})" for i, (kind, how, _) in enumerate(parameters)]
        passed += [f"msl::{POSITIONS[p]}" for p in positions]
        kinds = ", ".join(f"{'bool' if isinstance(v, bool) else 'int' if isinstance(v, int) else 'typename'} {n}" for n, v in template)
        values = ", ".join(str(v).lower() if isinstance(v, (bool, int)) else KINDS[v][0] for _, v in template)
        head = f"template <{kinds}>\n" if template else ""
        function = f"{translated(self.header)}\n{head}void custom_kernel_{self.name}({', '.join(declared)}) {{\n{translated(self.source)}\n}}\n"
        return f"{function}MSL_KERNEL(custom_kernel_{self.name}{f'<{values}>' if template else ''}({', '.join(passed)}))"


def run_in(modes: Modes) -> None:
    """All kernels, those that were made already among them."""
    global MODES
    MODES = modes


def install(modes: Modes) -> None:
    """From here on MLX says that there is Metal, and its kernels run here."""
    run_in(modes)
    mx.set_default_device(mx.cpu)
    mx.metal.is_available = lambda: True
    mx.default_device = lambda: mx.gpu
    mx.fast.metal_kernel = Kernel
