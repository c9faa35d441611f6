"""What the workers for PyTorch functions share: from the inputs of a request to call(q, k, v, log g, beta, state) and back through autograd."""

import numpy as np
import torch
import torch.nn.functional as F

from contract import Contract
from layers import refuse_what_no_function_takes
from worker import Refusal

# Where key heads are repeated, autograd adds up the shares of a group in the format of q and k.
GROUPED = {"roundings": "dq:input,dk:input"}
# What these functions take in the format of the case.
NARROW = ("q", "k", "v", "beta", "dy")


def declared(contract):
    """What all of these functions have to say of their arithmetic."""
    # Where g is given it passes through its logarithm, which loses |log g| u of g. The floor is below every g.
    return GROUPED | {"contract": str(contract), "clamp": "none" if contract.decay == "log" else "log:-1000"}


def qwen_gates(a, b, A_log, dt_bias, contract):
    """log g and beta as Qwen3-Next's layer computes them."""
    return -A_log.exp() * F.softplus(a + dt_bias), b.sigmoid()


def evaluator(call, device="cpu", takes_zero_decay=True, limits=lambda shape: None, contract=Contract(), gates=qwen_gates, fused=None):
    """A worker's `evaluate` for call(q, k, v, log g [B,T,Hv] or [B,T,Hv,Dk], beta, state [B,Hv,Dk,Dv]) -> (y, state).

    `call` must do what the contract says of q and k, and fold away a scale of its own that it does not name. At model level log g and beta come
    from gates(a, b, A_log, dt_bias, contract), in float32; or fused(q, k, v, a, b, A_log, dt_bias, state) makes them itself.
    `limits` returns a refusal for a shape that the function does not take.
    """
    torch.set_num_threads(1)

    def evaluate(x, request):
        refuse_what_no_function_takes(x, request)
        if reason := limits({"T": x["q"].shape[1], "Hk": x["q"].shape[2], "Hv": x["v"].shape[2], "Dk": x["q"].shape[3], "Dv": x["v"].shape[3],
                             "channels": x["g" if "g" in x else "a"].ndim == 4, "precision": request["precision"]}):  # fmt: skip
            raise Refusal(reason)
        gives_log = contract.decay == "log"
        if "g" in x and not takes_zero_decay and (x["g"] == (-np.inf if gives_log else 0)).any():
            raise Refusal("takes the logarithm of the decay, and 0 has none")
        leaves = leaves_of(x, request, contract, device)
        if "A_log" in x and x["A_log"].max(initial=0) > 88:
            raise Refusal("exp(A_log) overflows float32, and its gradient with it")
        differentiates = request["gradients"] == "yes" and ("dy" in x or "dstate_out" in x)
        for leaf in leaves.values():
            leaf.requires_grad_(differentiates)
        turn = (lambda t: t) if contract.layout == "kv" else (lambda t: t.mT)
        state = turn(leaves["state_in"]) if "state_in" in leaves else None
        q, k, v = (leaves[n] for n in "qkv")
        if "g" not in x and fused is not None:
            y, state_out = fused(q, k, v, leaves["a"], leaves["b"], leaves.get("A_log"), leaves["dt_bias"], state)
        else:
            if "g" in x:
                log_g, beta = leaves["log_g"], leaves["beta"]
            else:
                log_g, beta = gates(leaves["a"], leaves["b"], leaves.get("A_log"), leaves["dt_bias"], contract)
            if not takes_zero_decay and torch.isinf(log_g).any():
                raise Refusal("takes the logarithm of the decay, and 0 has none")
            y, state_out = call(q, k, v, log_g, beta, state)
        outputs = {"dy": y, "dstate_out": turn(state_out)}
        results = {"y": y, "state_out": turn(state_out)}
        if differentiates:
            results |= gradients(outputs, leaves, x, device)
        results = {n: to_numpy(t) for n, t in results.items()}
        dlog_g = results.pop("dlog_g", None)
        if dlog_g is not None and gives_log:
            results["dg"] = dlog_g
        # Where g is tiny, g dg underflows, and the quotient would show nothing but that.
        elif dlog_g is not None and x["g"].min(initial=1) >= 1e-30:
            results["dg"] = (dlog_g.astype(np.float64) / x["g"]).astype(np.float32)
        return results

    return evaluate


def types_of(x, request, contract, narrowed=NARROW):
    """The types of the inputs by name: that of the case, a state's own, or float32."""
    narrow = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(request["precision"], torch.float32)
    held = {"bf16": torch.bfloat16, "f16": torch.float16}.get(contract.state, torch.float32)
    return {n: narrow if n in narrowed else held if n == "state_in" else torch.float32 for n in x}


def leaves_of(x, request, contract, device):
    """The inputs as tensors of the request's formats; g as its logarithm, whichever of the two was given."""
    types = types_of(x, request, contract)
    leaves = {n: torch.tensor(t).to(device, types[n]) for n, t in x.items() if n not in ("g", "dy", "dstate_out")}
    if "g" in x:
        with np.errstate(divide="ignore"):
            log_g = x["g"] if contract.decay == "log" else np.log(x["g"].astype(np.float64))
        leaves["log_g"] = torch.tensor(log_g.astype(np.float32)).to(device)
    return leaves


def gradients(outputs, leaves, x, device):
    """By every input, where some cotangent is there."""
    driven = [n for n in outputs if n in x]
    seeds = [torch.tensor(x[n]).to(device, outputs[n].dtype) for n in driven]
    found = torch.autograd.grad([outputs[n] for n in driven], list(leaves.values()), seeds, allow_unused=True)
    found = {n: torch.zeros_like(leaves[n]) if t is None else t for n, t in zip(leaves, found)}
    return {"dstate_in" if n == "state_in" else "d" + n: t for n, t in found.items()}


def to_numpy(t):
    t = t.detach().cpu().contiguous()
    return t.view(torch.int16).numpy().view(np.uint16) if t.dtype == torch.bfloat16 else t.numpy()
