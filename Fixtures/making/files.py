"""What stands in a file: tensors and metadata, written so that the same case gives the same bytes."""

import importlib.metadata
import json
import struct

import ml_dtypes
import numpy as np
from safetensors.numpy import save

from .case import DTYPE, INPUTS, STATE, gradient_name, inputs_of
from .recurrence import TOLERANCE, errors

WIRE = {"float64": "F64", "float32": "F32", "bfloat16": "BF16", "float16": "F16", "bool": "BOOL"}


def expected_shapes(case, peer):
    B, T, Hk, Hv, Dk, Dv = case.shape
    qk, v, head = (B, T, Hk, Dk), (B, T, Hv, Dv), (B, T, Hv)
    state = (B, Hv, Dv, Dk) if peer.contract.layout == "vk" else (B, Hv, Dk, Dv)
    gate = (B, T, Hv, Dk) if case.channel else head
    shapes = {"q": qk, "k": qk, "v": v, "y": v, "dy": v, "state_in": state, "state_out": state, "dstate_out": state, "mask": (B, T)}
    if peer.level == "core":
        shapes |= {"g": gate, "beta": head}
    else:
        shapes |= {"a": gate, "b": head, "A_log": (Hv, 1) if case.channel else (Hv,), "dt_bias": (Hv, Dk) if case.channel else (Hv,)}
    return shapes | {gradient_name(n): s for n, s in shapes.items() if n in INPUTS}


def roundings(case, peer):
    """The roundings inside the library that a reader of a 16-bit file has to know."""
    if case.dtype not in ("bf16", "fp16"):
        return ""
    narrow = ["y", "dq", "dk", "dv"] if case.cotangents else ["y"]
    if peer.packages[0] == "mlx-lm" and peer.level == "model":
        gates = ["a+dt_bias", "exp(-|z|)", "log1p", "softplus", "dA_log", "ddt_bias"] if case.params != "fp32" else []
        narrow = ["exp|b|", "beta", "da", "db"] + gates + narrow
    elif case.cotangents:
        narrow += ["dg", "dbeta"] if peer.packages[0] == "mlx-lm" else ["dbeta"]
    return ",".join(f"{n}:{case.dtype}" for n in narrow)


def types(case, peer):
    params = f", A_log and dt_bias {DTYPE[case.params].__name__}" if peer.level == "model" and case.params != case.dtype else ""
    if peer.contract.state != "f32":
        return DTYPE[case.dtype].__name__ + params + f", state {STATE[peer.contract.state].__name__}"
    return DTYPE[case.dtype].__name__ + params + (", state float32" if case.dtype in ("bf16", "fp16") else "")


def metadata(case, peer):
    versions = [f"{p} {importlib.metadata.version(p)}" for p in peer.packages]
    details = {
        "protocol": "1", "level": peer.level, "precision": case.dtype,
        "origin": ", ".join([f"{versions[0]} {peer.function}", *versions[1:]]) + " cpu",
        "library": peer.packages[0], "version": importlib.metadata.version(peer.packages[0]), "function": peer.function,
        "dtype": types(case, peer), "form": peer.form, "clamp": "none", "note": case.note, "danger": case.danger,
        "judged": "shown" if peer.chunked and case.danger != "none" else "yes", "roundings": roundings(case, peer),
    }  # fmt: skip
    if peer.takes_log:
        details["log_g_rounding"] = "fp32"
    if str(peer.contract) != "plain":
        details |= {"protocol": "2", "contract": str(peer.contract)}
    return details


def read(path):
    """The file as a stranger reads it: header, then bytes; nothing of the writer's library."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    types = {w: np.dtype(ml_dtypes.bfloat16 if n == "bfloat16" else n) for n, w in WIRE.items()}
    details = header.pop("__metadata__")
    return {n: np.frombuffer(body[slice(*e["data_offsets"])], types[e["dtype"]]).reshape(e["shape"]) for n, e in header.items()}, details


def stable(data):
    """The same bytes with the header's keys in order: the package writes its metadata in the order of a hash table."""
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data[8 + length :]


def write(case, peer, run, folder):
    x = inputs_of(case, peer.level, peer.contract)
    results = {n: np.ascontiguousarray(t) for n, t in run(x).items()}
    worst = errors(x, results, peer.contract)
    path = folder / f"{case.name}.safetensors"
    details = metadata(case, peer)
    limits = {n: TOLERANCE[t.dtype.name][0 if n in ("y", "state_out") else 1] for n, t in results.items()}
    bad = [f"{n} {e:.1e}" for n, e in worst.items() if not e <= limits[n]]
    finite = all(np.isfinite(t.astype(np.float64)).all() for t in results.values())
    if bad and details["judged"] == "yes" or not finite:
        raise AssertionError(f"{case.name} disagrees with the recurrence: {', '.join(bad)}; finite: {finite}")

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(stable(save(x | results, metadata=details)))
    check_written(case, peer, path, x | results)
    gradients = {n: e for n, e in worst.items() if n not in ("y", "state_out")}
    hardest = max(gradients, key=gradients.get, default="")
    size = path.stat().st_size
    gradient = f"{gradients[hardest]:.1e}" if gradients else "-"
    print(f"{case.name:42} {size:7} {worst['y']:9.1e} {worst['state_out']:9.1e} {gradient:>9} {hardest:9} {details['judged']}")
    return size


def check_written(case, peer, path, tensors):
    loaded, details = read(path)
    shapes = expected_shapes(case, peer)
    assert set(loaded) == set(tensors) and set(loaded) <= set(shapes), sorted(set(loaded) ^ set(tensors))
    assert details == metadata(case, peer)
    for name, tensor in loaded.items():
        assert tensor.shape == shapes[name], (name, tensor.shape, shapes[name])
        assert tensor.dtype == tensors[name].dtype and tensor.tobytes() == tensors[name].tobytes(), name
