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
# Tokens between the states that the sequential kernel keeps for its reverse sweep, and chunks between those of the other.
CHECKPOINT, CHUNKS = 1, 16


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

    def ran(
        self, header: str, function: str, last: tuple[int, ...], arguments: list[Argument], rows: int, simdgroups: int = 4, **constants: bool
    ) -> dict[str, np.ndarray]:
        """`rows` of the state to a simdgroup, so many of those to a threadgroup."""
        B, _, Hk, Hv, Dk, Dv = self.sizes
        template = [KINDS[self.format][0], Dk, Dv, Hk, Hv, *last]
        return run(header, function, template, arguments, (32, Dv // rows, B * Hv), (32, simdgroups, 1), self.modes, constants)

    @property
    def length(self) -> Argument:
        return Argument("T", np.array(self.sizes[1], np.int32))


def chunked(call: Call) -> dict[str, np.ndarray]:
    """Chunks of 8 on matrices of 8 x 8, forward."""
    return call.ran("gated_delta_update.h", "gated_delta_fused_chunk", (8,), [*call.inputs(), *call.outputs(), call.length], 8, save_state=False)


def neural(call: Call, keep: bool = False) -> dict[str, np.ndarray]:
    """Chunks of 16 on a neural accelerator, whose products are emulated in float32; `keep`: with what the reverse sweep begins from."""
    B, T, _, Hv, Dk, Dv = call.sizes
    chunks = -(-T // 16)
    shapes = {"state_cache": (-(-chunks // CHUNKS), Dv, Dk), "chunk_mats": (chunks, 3, 16, 16), "chunk_delta": (chunks, 16, Dv)}
    kept = [call.output(name, *((B, Hv, *shape) if keep else (1,)), fill=0) for name, shape in shapes.items()]
    arguments = [*call.inputs(), *call.outputs(), call.length, *kept]
    return call.ran("gated_delta_update_nax.h", "gated_delta_fused_nax", (16, CHUNKS), arguments, 16, save_state_cache=keep)


def sequential(call: Call, keep: bool) -> dict[str, np.ndarray]:
    """Token by token; `keep`: with the states that the reverse sweep begins from, in state_cache."""
    B, T, _, Hv, Dk, Dv = call.sizes
    cache = call.output("state_cache", B * Hv, -(-T // CHECKPOINT), Dv, Dk) if keep else call.output("state_cache", 1, fill=0)
    arguments = [*call.inputs(), *call.outputs(), call.length, cache]
    return call.ran("gated_delta_update.h", "gated_delta_seq", (CHECKPOINT,), arguments, 1, save_state=keep)


def cotangents(call: Call) -> list[Argument]:
    B, T, _, Hv, Dk, Dv = call.sizes
    return [call.narrow("dy", call.x.get("dy", np.zeros((B, T, Hv, Dv), np.float32))), call.wide("dstate_out", (B, Hv, Dv, Dk))]


def gradients(call: Call) -> dict[str, np.ndarray]:
    """The sequential reverse sweep, in float32. Threads add to dq, dk, dg and dbeta in any order."""
    B, T, Hk, Hv, Dk, Dv = call.sizes
    cache = Argument("state_cache", sequential(call, keep=True)["state_cache"])
    arguments = [*(call.narrow(n) for n in ("q", "k", "v", "g", "beta")), *cotangents(call), cache, call.length]
    added = {"fill": 0, "added": True}
    arguments += [call.output("dq", B, T, Hk, Dk, **added), call.output("dk", B, T, Hk, Dk, **added), call.output("dv", B, T, Hv, Dv)]
    arguments += [call.output("dg", B, T, Hv, **added), call.output("dbeta", B, T, Hv, **added), call.output("dstate_in", B, Hv, Dv, Dk)]
    return call.ran("gated_delta_update_vjp.h", "gated_delta_vjp_seq", (CHECKPOINT,), arguments, 1)


def neural_gradients(call: Call) -> dict[str, np.ndarray]:
    """The reverse sweep of a neural accelerator: one kernel for all gradients, of which dg is by the sum of logarithms, and one that mends that."""
    B, T, Hk, Hv, Dk, Dv = call.sizes
    kept = {name: Argument(name, t) for name, t in neural(call, keep=True).items()}
    arguments = [*(call.narrow(n) for n in ("q", "k", "v", "g", "beta")), *cotangents(call), kept["state_cache"], call.length]
    added = {"fill": 0, "added": True}
    arguments += [call.output("dq", B, T, Hk, Dk, **added), call.output("dk", B, T, Hk, Dk, **added), call.output("dv", B, T, Hv, Dv)]
    arguments += [call.output("dg", B, T, Hv), call.output("dbeta", B, T, Hv), call.output("dstate_in", B, Hv, Dv, Dk)]
    arguments += [kept["chunk_mats"], kept["chunk_delta"], call.output("seg_states", B, Hv, CHUNKS, Dv, Dk, scratch=True)]
    header = "gated_delta_update_nax_vjp.h"
    found = call.ran(header, "gated_delta_vjp_fused_nax", (16, CHUNKS), arguments, 16, simdgroups=Dv // 16)
    del found["seg_states"]
    numbers = [Argument(name, np.array(n, np.int32)) for name, n in (("T", T), ("Hv", Hv), ("n_total", B * Hv))]
    mend = [call.narrow("g"), Argument("dg", found["dg"], changed=True), *numbers]
    grid, group = (B * Hv, -(-T // 16), 1), (min(B * Hv, 32), 1, 1)
    return found | run(header, "gated_delta_dgamma_to_dg", [KINDS[call.format][0], 16], mend, grid, group, call.modes, {}, ["position_in_plane()"])
