"""What torch functions have in common: a file's inputs as tensors that require gradients, and back through autograd."""

import ml_dtypes
import numpy as np

from .case import DTYPE, INPUTS, gradient_name
from .peer import log_of


def torch_run(call):
    """Differentiate call(q, k, v, log g, beta, state [B,Hv,Dk,Dv]) -> (y, state)."""
    import torch

    torch.set_num_threads(1)

    def to_torch(t):
        exact = t.astype(np.float32) if t.dtype == ml_dtypes.bfloat16 else t
        return torch.tensor(exact).to(getattr(torch, t.dtype.name))

    def to_numpy(t):
        return t.detach().float().numpy().astype(DTYPE[{"torch.bfloat16": "bf16", "torch.float16": "fp16"}.get(str(t.dtype), "fp32")])

    def run(x):
        leaves = {n: to_torch(x[n]) for n in INPUTS if n in x and n != "g"}
        leaves["log_g"] = to_torch(log_of(x["g"]))
        for leaf in leaves.values():
            leaf.requires_grad_()
        state = leaves["state_in"].mT if "state_in" in x else None
        y, state_out = call(leaves["q"], leaves["k"], leaves["v"], leaves["log_g"], leaves["beta"], state)
        outputs = {"dy": y, "dstate_out": state_out.mT}
        results = {"y": to_numpy(y), "state_out": to_numpy(state_out.mT)}
        driven = [n for n in outputs if n in x]
        if not driven:
            return results
        gradients = torch.autograd.grad([outputs[n] for n in driven], list(leaves.values()), [to_torch(x[n]) for n in driven])
        results |= {gradient_name(n): to_numpy(t) for n, t in zip(leaves, gradients)}
        dlog_g = results.pop("dlog_g")
        if x["g"].min() >= 1e-4:  # below, rounding noise of dlog_g is all that the quotient shows
            results["dg"] = (dlog_g.astype(np.float64) / x["g"]).astype(np.float32)
        return results

    return run
