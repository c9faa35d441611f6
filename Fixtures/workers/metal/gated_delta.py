"""What stands behind mx.fast.gated_delta_update on a GPU: its kernels with their grids, templates and buffers, on a CPU."""

from __future__ import annotations

from dataclasses import dataclass

import mlx.core as mx
import numpy as np

from .headers import run
from .launch import Argument
from .metal_kernel import KINDS, bits
from .modes import Modes

FORMATS = {"bf16": mx.bfloat16, "fp16": mx.float16}
# Tokens between the states that the sequential kernel keeps for its reverse sweep.
CHECKPOINT = 8


@dataclass(frozen=True)
class Call:
    """Inputs of one call, in the format of q but for the state."""

    x: dict[str, np.ndarray]
    format: mx.Dtype
    modes: Modes

    @property
    def sizes(self) -> tuple[int, ...]:
        """B, T, Hk, Hv, Dk, Dv"""
        B, T, Hk, Dk = self.x["q"].shape
        return B, T, Hk, *self.x["v"].shape[2:3], Dk, self.x["v"].shape[3]

    def narrow(self, name: str, values: np.ndarray | None = None) -> Argument:
        return Argument(name, bits(mx.array(self.x[name] if values is None else values).astype(self.format)))

    def wide(self, name: str, shape: tuple[int, ...]) -> Argument:
        """In float32; zero where it is absent."""
        return Argument(name, np.asarray(self.x.get(name, np.zeros(shape)), np.float32))

    def output(self, name: str, *shape: int, narrow: bool = False, **how) -> Argument:
        return Argument(name, shape=shape, type=KINDS[self.format][1] if narrow else "f4", **how)

    def inputs(self) -> list[Argument]:
        B, _, _, Hv, Dk, Dv = self.sizes
        return [self.narrow(n) for n in "qkv"] + [self.wide("state_in", (B, Hv, Dv, Dk)), self.narrow("g"), self.narrow("beta")]

    def outputs(self) -> list[Argument]:
        B, T, _, Hv, Dk, Dv = self.sizes
        return [self.output("y", B, T, Hv, Dv, narrow=True), self.output("state_out", B, Hv, Dv, Dk)]

    def ran(self, header: str, function: str, last: tuple[int, ...], arguments: list[Argument], rows: int, **constants: bool) -> dict[str, np.ndarray]:
        """`rows` of the state to a simdgroup."""
        B, _, Hk, Hv, Dk, Dv = self.sizes
        template = [KINDS[self.format][0], Dk, Dv, Hk, Hv, *last]
        return run(header, function, template, arguments, (32, Dv // rows, B * Hv), (32, 4, 1), self.modes, constants)

    @property
    def length(self) -> Argument:
        return Argument("T", np.array(self.sizes[1], np.int32))


def chunked(call: Call) -> dict[str, np.ndarray]:
    """Chunks of 8 on matrices of 8 x 8, forward."""
    return call.ran("gated_delta_update.h", "gated_delta_fused_chunk", (8,), [*call.inputs(), *call.outputs(), call.length], 8, save_state=False)


def neural(call: Call) -> dict[str, np.ndarray]:
    """Chunks of 16 on a neural accelerator, whose products are emulated in float32, forward."""
    unused = [call.output(name, 1, fill=0) for name in ("state_cache", "chunk_mats", "chunk_delta")]
    arguments = [*call.inputs(), *call.outputs(), call.length, *unused]
    found = call.ran("gated_delta_update_nax.h", "gated_delta_fused_nax", (16, 1), arguments, 16, save_state_cache=False)
    return {name: found[name] for name in ("y", "state_out")}


def sequential(call: Call, keep: bool) -> dict[str, np.ndarray]:
    """Token by token; `keep`: with the states that the reverse sweep begins from, in state_cache."""
    B, T, _, Hv, Dk, Dv = call.sizes
    cache = call.output("state_cache", B * Hv, -(-T // CHECKPOINT), Dv, Dk) if keep else call.output("state_cache", 1, fill=0)
    arguments = [*call.inputs(), *call.outputs(), call.length, cache]
    return call.ran("gated_delta_update.h", "gated_delta_seq", (CHECKPOINT,), arguments, 1, save_state=keep)


def gradients(call: Call) -> dict[str, np.ndarray]:
    """The reverse sweep, in float32. Threads add to dq, dk, dg and dbeta in any order."""
    B, T, Hk, Hv, Dk, Dv = call.sizes
    cache = Argument("state_cache", sequential(call, keep=True)["state_cache"])
    cotangents = [call.narrow("dy", call.x.get("dy", np.zeros((B, T, Hv, Dv), np.float32))), call.wide("dstate_out", (B, Hv, Dv, Dk))]
    arguments = [*(call.narrow(n) for n in ("q", "k", "v", "g", "beta")), *cotangents, cache, call.length]
    added = {"fill": 0, "added": True}
    arguments += [call.output("dq", B, T, Hk, Dk, **added), call.output("dk", B, T, Hk, Dk, **added), call.output("dv", B, T, Hv, Dv)]
    arguments += [call.output("dg", B, T, Hv, **added), call.output("dbeta", B, T, Hv, **added), call.output("dstate_in", B, Hv, Dv, Dk)]
    return call.ran("gated_delta_update_vjp.h", "gated_delta_vjp_seq", (CHECKPOINT,), arguments, 1)
