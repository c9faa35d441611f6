"""What the workers for PyTorch functions share: from the inputs of a request to call(q, k, v, log g, beta, state) and back through autograd."""

import numpy as np
import torch
import torch.nn.functional as F

from numpy_worker import Refusal

torch.set_num_threads(1)
# Both levels: g passes through its logarithm, which loses |log g| u of g. The floor is below every g.
THROUGH_LOG = {"clamp": "log:-1000"}
# Where key heads are repeated, autograd adds up the shares of a group in the format of q and k.
GROUPED = {"roundings": "dq:input,dk:input"}


def evaluator(call, device="cpu", takes_zero_decay=True, limits=lambda shape: None):
    """A worker's `evaluate` for call(q, k, v, log g [B,T,Hv] or [B,T,Hv,Dk], beta, state [B,Hv,Dk,Dv]) -> (y, state).

    `call` must fold away the function's own scale. `limits` returns a refusal for a shape that the function does not take.
    """

    def evaluate(x, request):
        if request["arithmetic"] == "double":
            raise Refusal("computes in float32 whatever it is given")
        if "mask" in x and not x.pop("mask").all():
            raise Refusal("has no mask")
        if x["q"].shape[1] == 0:
            raise Refusal("takes at least one token")
        if reason := limits({"T": x["q"].shape[1], "Hk": x["q"].shape[2], "Hv": x["v"].shape[2], "Dk": x["q"].shape[3], "Dv": x["v"].shape[3],
                             "channels": x["g" if "g" in x else "a"].ndim == 4, "precision": request["precision"]}):  # fmt: skip
            raise Refusal(reason)
        if "g" in x and not takes_zero_decay and (x["g"] == 0).any():
            raise Refusal("takes the logarithm of the decay, and 0 has none")
        narrow = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(request["precision"], torch.float32)
        types = {n: narrow if n in ("q", "k", "v", "beta", "dy") else torch.float32 for n in x}
        leaves = {n: torch.tensor(t).to(device, types[n]) for n, t in x.items() if n not in ("g", "dy", "dstate_out")}
        if "g" in x:
            with np.errstate(divide="ignore"):
                leaves["log_g"] = torch.tensor(np.log(x["g"].astype(np.float64)).astype(np.float32)).to(device)
        if "A_log" in x and x["A_log"].max(initial=0) > 88:
            raise Refusal("exp(A_log) overflows float32, and its gradient with it")
        differentiates = request["gradients"] == "yes" and ("dy" in x or "dstate_out" in x)
        for leaf in leaves.values():
            leaf.requires_grad_(differentiates)
        log_g, beta = gates(leaves)
        if not takes_zero_decay and torch.isinf(log_g).any():
            raise Refusal("takes the logarithm of the decay, and 0 has none")
        state = leaves["state_in"].mT if "state_in" in leaves else None
        y, state_out = call(leaves["q"], leaves["k"], leaves["v"], log_g, beta, state)
        outputs = {"dy": y, "dstate_out": state_out.mT}
        results = {"y": y, "state_out": state_out.mT}
        if differentiates:
            driven = [n for n in outputs if n in x]
            seeds = [torch.tensor(x[n]).to(device, outputs[n].dtype) for n in driven]
            gradients = torch.autograd.grad([outputs[n] for n in driven], list(leaves.values()), seeds, allow_unused=True)
            for name, gradient in zip(leaves, gradients):
                results["dstate_in" if name == "state_in" else "d" + name] = torch.zeros_like(leaves[name]) if gradient is None else gradient
        results = {n: to_numpy(t) for n, t in results.items()}
        dlog_g = results.pop("dlog_g", None)
        # Where g is tiny, g dg underflows, and the quotient would show nothing but that.
        if dlog_g is not None and x["g"].min(initial=1) >= 1e-30:
            results["dg"] = (dlog_g.astype(np.float64) / x["g"]).astype(np.float32)
        return results

    return evaluate


def gates(leaves):
    """log g and beta, at model level as Qwen3-Next computes them, in float32."""
    if "log_g" in leaves:
        return leaves["log_g"], leaves["beta"]
    A_log, dt_bias = leaves["A_log"], leaves["dt_bias"]
    return -A_log.exp() * F.softplus(leaves["a"] + dt_bias), leaves["b"].sigmoid()


def to_numpy(t):
    t = t.detach().cpu().contiguous()
    return t.view(torch.int16).numpy().view(np.uint16) if t.dtype == torch.bfloat16 else t.numpy()
