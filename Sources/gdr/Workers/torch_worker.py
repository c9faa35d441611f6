#!/usr/bin/env python3
"""A worker: lets gdr test a PyTorch function of the gated delta rule. Needs torch and numpy.

    gdr fuzz --against 'mine=python3 torch_worker.py'
    gdr conform 'python3 torch_worker.py'

Replace `call` with a call of your kernel, and what stands under it with what is true of it: the rest makes log g and beta at both levels, takes
gradients by autograd, and speaks the protocol, which `gdr init-worker python` sums up. Cases give log g, as the contract says; under
`--contract plain` they give g, of which log g is made, and a case with a g below 1e-30 goes without dg.
"""

import json
import os
import struct
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F


class Refusal(Exception):
    """Raised with one line for a problem that the kernel does not take: it is counted, and no finding."""


def call(q, k, v, log_g, beta, state):
    """The function to replace. Returns y like v, and the state after the last token.

    q, k [B,T,Hk,Dk]   v [B,T,Hv,Dv]   beta [B,T,Hv]   in the format of the case: float32, bfloat16, float16. beta made of b is float32
    log_g [B,T,Hv], or [B,T,Hv,Dk] for a decay per channel; float32; -inf forgets all.   state [B,Hv,Dk,Dv] float32, or None: zero

    S~ = g S;   e = v - S~^T k;   S = S~ + beta k e^T;   y = S^T q          value head h reads key head h // (Hv // Hk)

    y has no scale: undo one of the kernel's own, q * Dk**0.5. What it does not take it refuses:

        if log_g.isinf().any() or q.shape[1] == 0: raise Refusal("takes no zero decay, and at least one token")
    """
    q, k, v, beta = (x.to(log_g.dtype) for x in (q, k, v, beta))
    q, k = (x.repeat_interleave(v.shape[2] // x.shape[2], dim=2)[..., None] for x in (q, k))
    g, beta = log_g.exp()[..., None] if log_g.ndim == 4 else log_g.exp()[..., None, None], beta[..., None]
    S = v.new_zeros(v.shape[0], v.shape[2], q.shape[3], v.shape[3]) if state is None else state.to(v.dtype)
    y = []
    for t in range(v.shape[1]):
        S = S * g[:, t]
        e = v[:, t] - (S * k[:, t]).sum(-2)
        S = S + k[:, t] * (beta[:, t] * e)[..., None, :]
        y.append((S * q[:, t]).sum(-2))
    return torch.stack(y, dim=1) if y else v.clone(), S


DEVICE = "cpu"  # or "cuda": where the tensors of a call are
DECLARATION = {
    "name": "torch",  # what runs
    "library": "torch",  # and whose it is
    "version": torch.__version__,
    "form": "sequential",  # or "chunked:64", the UT/WY form over chunks of 64 tokens: its rounding errors are others
    "roundings": "",  # formats coarser than fp32 inside, "beta:bf16,products:input"; "dq:input,dk:input": q and k repeated in their format; "qk:input": normalised in it
    "clamp": "none",  # or "log:-20", a floor under log g; "decay:1e-12", under g
    "contract": "decay=log",  # cases give log g, and dg is by it; more is "decay=log,qk=l2norm:1e-6,scale=rsqrt": `call` normalises and scales
    "gradients": "all",  # or "none", or "dq,dk,dv": those that there are
    "double": "yes",  # whether `call` also computes in float64, where its inputs are: tells a wrong formula from an unstable one
}


def gates(a, b, A_log, dt_bias):
    """log g and beta of the model's a, b, A_log and dt_bias, as Qwen3-Next computes them, but beta in float32 too."""
    # torch's own threshold of 20 is 2e-9 off in float64.
    return -A_log.exp() * F.softplus(a.to(A_log.dtype) + dt_bias, threshold=40), b.to(A_log.dtype).sigmoid()


# ---- From a request to `call` and back: nothing below needs to be changed


def evaluate(x, request):
    """Results by name and metadata of the reply, for the inputs by name and the metadata of the request."""
    contract = parts(request.get("contract", "plain"))
    if contract - CARRIED != parts(DECLARATION["contract"]) - CARRIED:
        raise Refusal(f"computes the contract {DECLARATION['contract']}, the case asks for {request.get('contract', 'plain')}")
    turned = (lambda S: S) if "layout=kv" in contract else (lambda S: S.mT.contiguous())
    x = on_device(x, request)
    differentiates = request["gradients"] == "yes" and DECLARATION["gradients"] != "none"
    inputs = {n: t.requires_grad_(differentiates) for n, t in x.items() if n not in ("mask", "dy", "dstate_out")}

    def live(name, otherwise=0.0):
        return selected(x[name], x.get("mask"), otherwise)

    is_linear = "g" in x and "decay=log" not in contract
    if "g" in x:
        log_g, beta = live("g", 1.0).log() if is_linear else live("g"), live("beta")
    else:
        log_g, beta = (selected(t, x.get("mask")) for t in gates(live("a"), live("b"), x["A_log"], x["dt_bias"]))
    y, S = call(live("q"), live("k"), live("v"), log_g, beta, turned(x["state_in"]) if "state_in" in x else None)
    outputs = {"y": y, "state_out": turned(S)}
    seeds = {n: live("d" + n) if n == "y" else x["d" + n] for n in outputs if "d" + n in x}
    results = {n: t.detach().cpu() for n, t in (outputs | gradients(outputs, inputs, seeds)).items()}
    # Under 1e-30 the gradient by log g underflows, and over g it would show nothing but that.
    if is_linear and (live("g", 1.0) < 1e-30).any():
        results.pop("dg", None)
    # Where g has been through its logarithm it is off by that: said by a floor under every g.
    return results, {"clamp": "log:-1000"} if is_linear and DECLARATION["clamp"] == "none" else {}


CARRIED = {"decay=log", "layout=kv"}  # what is done here, whatever `call` computes


def parts(contract):
    return set(contract.split(",")) - {"plain"}


def selected(t, mask, otherwise=0.0):
    """What a masked token holds may be NaN, and so is NaN times zero. With k, beta and log g of 0 it leaves S as it was."""
    return t if mask is None else torch.where(mask.reshape(mask.shape + (1,) * (t.ndim - 2)), t, otherwise)


def gradients(outputs, inputs, seeds):
    """Those that there are, if any output is reached by some input: elsewhere there is no autograd, or no token."""
    reached = {n: t for n, t in outputs.items() if t.requires_grad}
    if not reached:
        return {}
    seeds = [seeds[n].to(t.dtype) if n in seeds else torch.zeros_like(t) for n, t in reached.items()]
    found = torch.autograd.grad(list(reached.values()), list(inputs.values()), seeds, allow_unused=True)
    found = {"d" + n: torch.zeros_like(t) if d is None else d for (n, t), d in zip(inputs.items(), found)}
    declared = DECLARATION["gradients"].split(",")
    return {n: d for n, d in found.items() if declared == ["all"] or n in declared}


def on_device(x, request):
    """The inputs as `call` gets them: no float64 but where it is asked for, and then everywhere."""

    def fitting(t):
        if t.dtype == torch.bool:
            return t.dtype
        if request["arithmetic"] == "double":
            return torch.float64
        return torch.float32 if t.dtype == torch.float64 else t.dtype

    return {n: t.to(DEVICE, fitting(t)) for n, t in x.items()}


TYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "BOOL": torch.bool}
NAMES = {t: n for n, t in TYPES.items()}


def read_frame(stream):
    """(metadata, tensors), or None where the stream ends."""
    prefix = stream.read(8)
    if len(prefix) < 8:
        return None
    header = json.loads(stream.read(struct.unpack("<Q", prefix)[0]))
    metadata = header.pop("__metadata__", {})
    data = np.frombuffer(stream.read(max((e["data_offsets"][1] for e in header.values()), default=0)), np.uint8)
    tensors = {}
    for name, entry in header.items():
        values = torch.tensor(data[slice(*entry["data_offsets"])])
        tensors[name] = values.view(TYPES[entry["dtype"]]).reshape(entry["shape"])
    return metadata, tensors


def write_frame(stream, metadata, tensors):
    """The type of a result is the format that it was rounded to."""
    header, parts, end = {"__metadata__": {k: str(v) for k, v in metadata.items()}}, [], 0
    for name, tensor in tensors.items():
        parts.append(tensor.contiguous().flatten().view(torch.uint8).numpy().tobytes())
        header[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [end, end + len(parts[-1])]}
        end += len(parts[-1])
    text = json.dumps(header).encode()
    stream.write(b"".join([struct.pack("<Q", len(text)), text, *parts]))
    stream.flush()


def answer(metadata, x):
    """The metadata and the tensors of a reply."""
    if metadata["request"] == "hello":
        return DECLARATION, {}
    start = time.perf_counter()
    try:
        results, said = evaluate(x, metadata)
        return said | {"seconds": time.perf_counter() - start}, results
    except Refusal as refusal:
        return {"refusal": refusal}, {}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}, {}


if __name__ == "__main__":
    torch.set_num_threads(1)  # gdr runs a worker for each core
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints goes to standard error: standard output belongs to the frames
    while (frame := read_frame(requests)) is not None:
        reply, results = answer(*frame)
        write_frame(replies, reply | {"id": frame[0]["id"]}, results)
    os._exit(0)  # at once: to take torch apart is seconds on a busy machine
