#!/usr/bin/env python3
"""A worker: lets gdr test a kernel of the gated delta rule. Needs numpy.

    gdr fuzz --against 'mine=python3 worker.py'
    gdr conform 'python3 worker.py'

Replace `evaluate` with a call of your kernel, and `DECLARATION` with what is true of it. The rest is the protocol.

The protocol. gdr writes a frame to this process's standard input and reads one from its standard output, again and again until it closes the
input. A frame is a safetensors file: 8 bytes N, little endian; N bytes of JSON; the values, little endian, row major. The JSON maps a name to
{"dtype", "shape", "data_offsets": [begin, end]}, counted from the end of the JSON, without gap or overlap; "__metadata__" maps text to text.

    request   metadata  id, request ("hello" or "evaluate"), arithmetic ("working" or "double"), gradients ("yes" or "no"),
                        level ("core" or "model"), precision, recipe, protocol, contract (absent: plain)
              tensors   q k [B,T,Hk,Dk]   v [B,T,Hv,Dv]   state_in [B,Hv,Dv,Dk] (may be absent: zero)   mask [B,T] (may be absent: all true)
                        core level: g [B,T,Hv], per channel [B,T,Hv,Dk], linear, not its logarithm; beta [B,T,Hv]
                        model level: a like g, b like beta, A_log [Hv] or [Hv,1], dt_bias [Hv] or [Hv,Dk]
                        dy like v, dstate_out like state_in (either may be absent: zero)
    reply     metadata  id: the request's; refusal: one line, if this problem is not for the kernel; error: one line, if it failed;
                        seconds, peak_bytes: what it took, for gdr bench (may be absent)
                        memory: what was seen of the kernel's memory, a line each: a finding (may be absent)
              tensors   y like v, state_out like state_in, and as many gradients as there are: dq dk dv dstate_in,
                        dg dbeta at core level, da db dA_log ddt_bias at model level
    hello     is the first request and has no tensors; the reply's metadata is the DECLARATION.

Steps of sessions, on a pool of states: gdr init-worker python-session.

A contract says which rule is computed, where it is not the one under `evaluate`: "gate=bounded:-5,beta=2sigmoid" (gates of other models),
"qk=l2norm:1e-6,scale=rsqrt" (q and k normalised, q scaled, in the kernel), "decay=log" (g holds log g), "layout=kv" (states [B,Hv,Dk,Dv]),
"state=bf16". State yours in DECLARATION, and every case will be one of it and say so in your words; a case of another is refused.
"""

import json
import os
import resource
import struct
import sys
import time

import numpy as np

DECLARATION = {
    "name": "numpy",  # what runs
    "library": "numpy",  # and whose it is
    "version": np.__version__,
    "contract": "plain",  # which rule it computes, as in "qk=l2norm:1e-6,scale=rsqrt"; "any": whichever request["contract"] names
    "form": "sequential",  # or "chunked:64", the UT/WY form over chunks of 64 tokens: its rounding errors are others
    "clamp": "none",  # or "decay:1e-12", a floor under g; "log:-20", a floor under log g
    "roundings": "",  # formats coarser than fp32 inside, as in "beta:bf16,g:bf16"; Protocol.md has more, and words for chunked forms
    "double": "yes",  # whether it also runs in float64 when asked: tells a wrong formula from an unstable one
}


class Refusal(Exception):
    """Raised with one line for a problem that the kernel does not take."""


def evaluate(x, request):
    """Results by name for the inputs by name; `request` is the metadata. This is the function to replace. It may return (results, metadata for the
    reply) where one answer is of another form than declared: ({...}, {"form": "chunked:64"}).

    S~ = S g ;  e = v - S~ k ;  S = S~ + beta e k^T ;  y = S q          value head h reads key head h // (Hv // Hk)
    A masked token leaves S as it was; its y means nothing, and the gradients of its inputs are zero.
    """
    real = np.float64 if request["arithmetic"] == "double" else np.float32
    live = x.get("mask", np.ones(x["q"].shape[:2], bool))
    x = {n: t.astype(real) for n, t in x.items() if n != "mask"}
    B, T, Hk, Dk = x["q"].shape
    Hv, Dv = x["v"].shape[2:]
    q, k = (np.repeat(x[n], Hv // Hk, axis=2) for n in "qk")
    v, (decay, beta) = x["v"], (x["g"], x["beta"]) if "g" in x else gates(x, live)
    g = decay[..., None, :] if decay.ndim == 4 else decay[..., None, None]  # against S [B,Hv,Dv,Dk]

    S = x.get("state_in", np.zeros((B, Hv, Dv, Dk), real))
    y, states = np.zeros_like(v), [S]
    for t in range(T):
        St = S * g[:, t]
        e = v[:, t] - apply(St, k[:, t])
        S = np.where(live[:, t, None, None, None], St + outer(beta[:, t, :, None] * e, k[:, t]), S)
        y[:, t] = apply(S, q[:, t])
        states.append(S)
    if request["gradients"] == "no":
        return {"y": y, "state_out": S}

    dS, dy = x.get("dstate_out", np.zeros_like(S)), x.get("dy", np.zeros_like(v))
    dq, dk, dv, dbeta, dg = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v), np.zeros_like(beta), np.zeros_like(decay)
    for t in reversed(range(T)):
        row = live[:, t, None, None]
        before, kt, bt = states[t], k[:, t], beta[:, t, :, None]
        St = before * g[:, t]
        e = v[:, t] - apply(St, kt)
        dC = dS + outer(dy[:, t], q[:, t])
        dd = apply(dC, kt)
        de = bt * dd
        dSt = dC - outer(de, kt)
        dq[:, t] = np.where(row, apply(states[t + 1].swapaxes(-1, -2), dy[:, t]), 0)
        dk[:, t] = np.where(row, apply(dC.swapaxes(-1, -2), bt * e) - apply(St.swapaxes(-1, -2), de), 0)
        dv[:, t], dbeta[:, t] = np.where(row, de, 0), np.where(row[..., 0], (dd * e).sum(-1), 0)
        through = dSt * before
        dg[:, t] = np.where(row, through.sum(-2), 0) if dg.ndim == 4 else np.where(row[..., 0], through.sum((-1, -2)), 0)
        dS = np.where(row[..., None], dSt * g[:, t], dS)
    dq, dk = (d.reshape(B, T, Hk, Hv // Hk, Dk).sum(3) for d in (dq, dk))
    found = {"y": y, "state_out": S, "dq": dq, "dk": dk, "dv": dv, "dstate_in": dS}
    return found | ({"dg": dg, "dbeta": dbeta} if "g" in x else gates_back(x, live, dg, dbeta))


def gates(x, live):
    """g and beta of a, b, A_log and dt_bias. What a masked token holds is selected away: times zero it may be NaN."""
    a, b = selected(x["a"], live), selected(x["b"], live)
    with np.errstate(over="ignore", under="ignore"):
        return np.exp(-np.exp(x["A_log"]) * np.logaddexp(0, a + x["dt_bias"])), sigmoid(b)


def gates_back(x, live, dg, dbeta):
    """Their gradients: through log g = -exp(A_log) softplus(a + dt_bias), and beta = sigmoid(b)."""
    a, b = selected(x["a"], live) + x["dt_bias"], selected(x["b"], live)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        rate = np.exp(x["A_log"])
        log_g = -rate * np.logaddexp(0, a)
        dlog_g = dg * np.exp(log_g)
        # Where all is forgotten nothing passes, even if exp(A_log) is infinite.
        da = np.where(dlog_g == 0, 0, -dlog_g * (rate * sigmoid(a)))
        dA_log = total(np.where(dlog_g == 0, 0, dlog_g * log_g), x["A_log"])
        return {"da": da, "db": dbeta * (sigmoid(b) * sigmoid(-b)), "dA_log": dA_log, "ddt_bias": total(da, x["dt_bias"])}


def selected(t, live):
    return np.where(live.reshape(live.shape + (1,) * (t.ndim - 2)), t, 0)


def sigmoid(z):
    """Without overflow, and without a 1 - sigmoid."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def total(t, parameter):
    """Summed over B and T, and over the channels of a head where the parameter has one number for them; in float64, as sums are long."""
    t = t.sum((0, 1), dtype=np.float64)
    return (t if t.shape == parameter.shape else t.sum(-1, keepdims=True)).astype(parameter.dtype)


def apply(S, x):
    return (S @ x[..., None])[..., 0]


def outer(a, b):
    return a[..., :, None] * b[..., None, :]


# ---- The protocol: nothing below needs to be changed

TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "?", "U8": "u1"}
NAMES = {"float64": "F64", "float32": "F32", "float16": "F16", "uint16": "BF16"}


def read_frame(stream):
    """(metadata, tensors), or None where the stream ends. numpy has no bf16: those tensors come as the same numbers in float32."""
    prefix = stream.read(8)
    if len(prefix) < 8:
        return None
    header = json.loads(stream.read(struct.unpack("<Q", prefix)[0]))
    metadata = header.pop("__metadata__", {})
    data = stream.read(max((e["data_offsets"][1] for e in header.values()), default=0))
    tensors = {}
    for name, entry in header.items():
        raw = np.frombuffer(data[slice(*entry["data_offsets"])], TYPES[entry["dtype"]])
        if entry["dtype"] == "BF16":
            raw = (raw.astype("<u4") << 16).view("<f4")
        tensors[name] = raw.reshape(entry["shape"])
    return metadata, tensors


def write_frame(stream, metadata, tensors):
    """Tensors of uint16 are the bits of bf16 numbers. The type of a result is the format that it was rounded to."""
    header, parts, end = {"__metadata__": {k: str(v) for k, v in metadata.items()}}, [], 0
    for name, tensor in tensors.items():
        parts.append(np.ascontiguousarray(tensor).tobytes())
        header[name] = {"dtype": NAMES[tensor.dtype.name], "shape": list(tensor.shape), "data_offsets": [end, end + len(parts[-1])]}
        end += len(parts[-1])
    text = json.dumps(header).encode()
    stream.write(b"".join([struct.pack("<Q", len(text)), text, *parts]))
    stream.flush()


def resident():
    """Bytes that this process holds now, where the system says so in /proc; else what it held at most."""
    try:
        return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return peak()


def peak():
    """Bytes that this process held at most."""
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest if sys.platform == "darwin" else largest * 1024


def other_contract(declaration, request):
    """Why the kernel is not asked: it computes another rule."""
    declared, asked = declaration.get("contract", "plain"), request.get("contract", "plain")
    return None if declared in ("any", asked) else f"computes the contract {declared}, the case asks for {asked}"


def answer(frame, declaration, evaluate, differs=None, step=None):
    """The reply to a frame: its metadata and its tensors."""
    metadata, tensors = frame
    reply, results = {"id": metadata["id"]}, {}
    if metadata["request"] == "hello":
        return reply | declaration, results
    before, start = resident(), time.perf_counter()
    try:
        if reason := differs(metadata) if differs else other_contract(declaration, metadata):
            raise Refusal(reason)
        results = (step if metadata["request"] == "step" else evaluate)(tensors, metadata)
        if isinstance(results, tuple):
            results, more = results
            reply |= more
        reply |= {"seconds": time.perf_counter() - start, "peak_bytes": max(0, peak() - before)}
    except Refusal as refusal:
        reply["refusal"] = str(refusal)
    except Exception as error:
        reply["error"] = f"{type(error).__name__}: {error}"
    return reply, results


def serve(declaration, evaluate, differs=None, step=None):
    """Answers until the input ends. What a library prints goes to standard error: standard output belongs to the frames."""
    requests = sys.stdin.buffer
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while (frame := read_frame(requests)) is not None:
        write_frame(replies, *answer(frame, declaration, evaluate, differs, step))


if __name__ == "__main__":
    serve(DECLARATION, evaluate)
