"""A case by what is special about it, and the inputs that are drawn for it."""

import zlib
from dataclasses import dataclass

import ml_dtypes
import numpy as np
from contract import Contract

DTYPE = {"fp64": np.float64, "fp32": np.float32, "bf16": ml_dtypes.bfloat16, "fp16": np.float16}
STATE = {"bf16": ml_dtypes.bfloat16, "f16": np.float16}
INPUTS = ["q", "k", "v", "g", "beta", "a", "b", "A_log", "dt_bias", "state_in"]


def gradient_name(name):
    return "dstate_in" if name == "state_in" else "d" + name


@dataclass(frozen=True)
class Case:
    name: str  # library/function-and-what-is-special; the seed is derived from it
    peer: str
    shape: tuple  # B T Hk Hv Dk Dv
    note: str  # why this case exists
    channel: bool = False  # one decay per key channel
    state: bool = True  # a state is carried in
    mask: str = ""  # left, right, holes, empty-row
    garbage: float = 1  # q, k, v at masked steps are this much larger
    dtype: str = "fp32"
    params: str = "fp32"  # type of A_log and dt_bias
    gates: str = "mild"
    keys: str = "unit"  # unit, equal, raw, lengths: norms of 0, 1e-4, 1 and 1e4 in turn, those of q too
    write: float | None = None  # one beta for every step
    cotangents: str = "dy dstate_out"

    @property
    def library(self):
        return self.name.split("/")[0]

    @property
    def danger(self):
        """What makes the case deliberately hard; a chunked form may lose digits on it."""
        return "collinear" if self.keys == "equal" else "decay" if self.gates in ("extreme", "tiny", "init", "saturated") else "none"


def draw(case, tensor, *shape):
    return np.random.default_rng(zlib.crc32(f"{case.name}:{tensor}".encode())).standard_normal(shape)


def uniform(case, tensor, *shape):
    return np.random.default_rng(zlib.crc32(f"{case.name}:{tensor}".encode())).random(shape)


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


TINY = np.float32(1e-12)
EXTREME = [0, 1e-30, np.nextafter(TINY, np.float32(0)), TINY, np.nextafter(TINY, np.float32(1)), 1e-9, 1e-6, 1 - 2**-24, 1]


def linear_gates(case, shape):
    """g. `mild`: -log g within 0..3 and mostly below 1. `extreme`: every fourth value from the list above; `tiny`: the same without 0."""
    if case.gates == "near1":
        return np.full(shape, 1 - 1e-7)
    g = np.exp(-3 * uniform(case, "g", *shape) ** 3)
    if case.gates != "mild":
        special = EXTREME if case.gates == "extreme" else EXTREME[1:]
        flat = g.reshape(-1)
        flat[::4] = np.resize(special, len(flat[::4]))
    return g


def model_gates(case, shape):
    """a, A_log, dt_bias. `init`: a fresh model; `saturated`: most log g below -20; `slow`: g within 0.02 of 1."""
    _, _, _, Hv, Dk, _ = case.shape
    centre, low, high, bias = {"mild": (0, 0.1, 1, -1), "init": (0, 0.05, 16, 1), "saturated": (3, 7.4, 12, 0), "slow": (-7, 0.5, 2, 0)}[case.gates]
    a = centre + draw(case, "a", *shape)
    A_log = np.log(low + (high - low) * uniform(case, "A_log", *((Hv, 1) if case.channel else (Hv,))))
    dt_bias = bias + 0.2 * draw(case, "dt_bias", *((Hv, Dk) if case.channel else (Hv,)))
    return a, A_log, dt_bias


def mask_of(case):
    B, T = case.shape[:2]
    t, b = np.arange(T)[None, :], np.arange(B)[:, None]
    pad = np.minimum(T // 3 + b, T - 1)
    mask = {"left": t >= pad, "right": t < T - pad, "holes": uniform(case, "mask", B, T) < 0.7, "empty-row": (t >= 2) & (b > 0)}[case.mask]
    return np.broadcast_to(mask, (B, T)).copy()


LENGTHS = [0, 1e-4, 1, 1e4]


def queries_and_keys(case):
    B, T, Hk, _, Dk, _ = case.shape
    q, k = draw(case, "q", B, T, Hk, Dk) * Dk**-0.5, draw(case, "k", B, T, Hk, Dk)
    if case.keys == "equal":
        k = np.broadcast_to(k[:, :1], k.shape)
    if case.keys == "lengths":
        k, q = (unit(t) * np.resize(np.roll(LENGTHS, n), T)[:, None, None] for n, t in enumerate((k, q)))
    elif case.keys != "raw":
        k = unit(k)
    return q, k


def inputs_of(case, level, contract=Contract()):
    """The tensors of a file that are not the library's."""
    B, T, Hk, Hv, Dk, Dv = case.shape
    gate_shape = (B, T, Hv, Dk) if case.channel else (B, T, Hv)
    q, k = queries_and_keys(case)
    x = {"q": q, "k": k, "v": draw(case, "v", B, T, Hv, Dv)}
    if level == "core":
        x["g"] = linear_gates(case, gate_shape)
        x["beta"] = sigmoid(draw(case, "beta", B, T, Hv)) if case.write is None else np.full((B, T, Hv), case.write)
    else:
        x["a"], x["A_log"], x["dt_bias"] = model_gates(case, gate_shape)
        x["b"] = draw(case, "b", B, T, Hv)
    if case.mask:
        x["mask"] = mask_of(case)
        for name in ("q", "k", "v"):
            x[name] = np.where(x["mask"][:, :, None, None], x[name], case.garbage * x[name])
    if level == "core" and contract.decay == "log":
        with np.errstate(divide="ignore"):
            x["g"] = np.log(x["g"])
    if not contract.has_rate:
        del x["A_log"]
    x = {n: t if n == "mask" else np.ascontiguousarray(t.astype(DTYPE[case.params if n in ("A_log", "dt_bias") else case.dtype])) for n, t in x.items()}  # fmt: skip
    state_type = np.float64 if case.dtype == "fp64" else np.float32
    state_shape = (B, Hv, Dv, Dk) if contract.layout == "vk" else (B, Hv, Dk, Dv)
    if case.state:
        x["state_in"] = draw(case, "state_in", *state_shape).astype(STATE.get(contract.state, state_type))
    if "dy" in case.cotangents:
        dy = draw(case, "dy", B, T, Hv, Dv) * (x["mask"][:, :, None, None] if case.mask else 1)
        x["dy"] = dy.astype(DTYPE[case.dtype])
    if "dstate_out" in case.cotangents:
        x["dstate_out"] = draw(case, "dstate_out", *state_shape).astype(state_type)
    return x
