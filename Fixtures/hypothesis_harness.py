#!/usr/bin/env python3
"""What a Hypothesis harness around torch manages, on the cases of the row `B2 T33 Hk2 Hv4 Dk8 Dv8` of `gdr bench --fuzz`.

    pip install -r Fixtures/requirements.txt
    python3 Fixtures/hypothesis_harness.py [--cases N]

Hypothesis draws the case; the two plain torch functions of transformers run forward and backward in float32; the recurrence, written here, does
the same in float64; outputs and gradients are compared with allclose. One thread. Drawing element by element would take longer than all the
rest, so tensors are filled from a seed that Hypothesis draws. Prints complete cases a second, and where the time goes.
"""

import argparse
import inspect
import time
from collections import Counter

import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from transformers.models.qwen3_next import modeling_qwen3_next as qwen

B, T, Hk, Hv, Dk, Dv = 2, 33, 2, 4, 8, 8
SHAPES = {"q": (B, T, Hk, Dk), "k": (B, T, Hk, Dk), "v": (B, T, Hv, Dv), "log_g": (B, T, Hv), "beta": (B, T, Hv), "state": (B, Hv, Dk, Dv)}
INPUTS = list(SHAPES)
# The public names are wrappers that prefer fla's kernels where fla is installed.
FORMS = {form: inspect.unwrap(getattr(qwen, f"torch_{form}_gated_delta_rule")) for form in ("chunk", "recurrent")}
seconds = Counter()


@st.composite
def cases(draw):
    """The inputs in float64, rounded to float32, and cotangents of y and of the last state."""
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32 - 1)))

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    x = {name: normal(*shape) for name, shape in SHAPES.items()}
    if draw(st.sampled_from(["random", "equal"])) == "equal":
        x["k"] = x["k"][:1, :1, :1].expand(SHAPES["k"])
    for name in ("q", "k"):
        x[name] = torch.nn.functional.normalize(x[name], dim=-1)
    slowest, fastest = sorted((draw(st.floats(-6, 0)), draw(st.floats(-6, 0))), reverse=True)
    x["log_g"] = fastest + (slowest - fastest) * torch.rand(*SHAPES["log_g"], generator=generator, dtype=torch.float64)
    x["beta"] = torch.sigmoid(x["beta"] + draw(st.floats(-4, 4)))
    x["state"] = x["state"] * draw(st.booleans())
    cotangents = [normal(B, T, Hv, Dv), normal(B, Hv, Dk, Dv)]
    if pads := draw(st.integers(0, 8) | st.just(0)):
        # Neither function takes a mask: a padded token neither decays nor writes, and nobody looks at what it reads.
        for tensor in (x["log_g"], x["beta"], cotangents[0]):
            tensor[:, :pads] = 0
    return {name: t.float().double() for name, t in x.items()}, cotangents, pads


def recurrence(q, k, v, log_g, beta, state):
    """S~ = S g ;  e = v - S~ k ;  S = S~ + beta e k^T ;  y = S q.  Value head h reads key head h // (Hv / Hk)."""
    q, k = (t.repeat_interleave(Hv // Hk, dim=2) for t in (q, k))
    ys = []
    for t in range(T):
        state = state * log_g[:, t, :, None, None].exp()
        error = v[:, t] - torch.einsum("bhkv,bhk->bhv", state, k[:, t])
        state = state + torch.einsum("bhk,bhv->bhkv", k[:, t], beta[:, t, :, None] * error)
        ys.append(torch.einsum("bhkv,bhk->bhv", state, q[:, t]))
    return torch.stack(ys, dim=1), state


def through(form):
    def call(q, k, v, log_g, beta, state):
        # The functions scale q by 1/sqrt(Dk).
        return FORMS[form](q * Dk**0.5, k, v, g=log_g, beta=beta, initial_state=state, output_final_state=True)

    return call


def differentiated(call, x, cotangents, dtype, part):
    """y, the last state, and the gradient of every input."""
    begin = time.perf_counter()
    leaves = [x[name].to(dtype).requires_grad_() for name in INPUTS]
    outputs = call(*leaves)
    gradients = torch.autograd.grad(outputs, leaves, [c.to(dtype) for c in cotangents])
    seconds[part] += time.perf_counter() - begin
    return dict(zip(["y", "last state"] + ["d" + name for name in INPUTS], [*outputs, *gradients]))


def check(case):
    x, cotangents, pads = case
    expected = differentiated(recurrence, x, cotangents, torch.float64, "reference")
    for form in FORMS:
        found = differentiated(through(form), x, cotangents, torch.float32, form)
        for name, tensor in expected.items():
            # A gate of a padded token is not an input.
            seen = slice(pads, None) if name in ("y", "dlog_g", "dbeta") else slice(None)
            difference = f"{name} of {form}"
            assert torch.allclose(found[name][:, seen].double(), tensor[:, seen], rtol=1e-3, atol=1e-3), difference


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cases", type=int, default=500)
    wanted = arguments.parse_args().cases
    torch.set_num_threads(1)
    done = 0

    @settings(max_examples=wanted, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(cases())
    def harness(case):
        nonlocal done
        check(case)
        done += 1

    begin, busy = time.perf_counter(), time.process_time()
    harness()
    total, busy = time.perf_counter() - begin, time.process_time() - busy
    parts = ", ".join(f"{part} {100 * spent / total:.0f}%" for part, spent in seconds.items())
    rest = 100 * (1 - sum(seconds.values()) / total)
    print(f"B{B} T{T} Hk{Hk} Hv{Hv} Dk{Dk} Dv{Dv}: {done} cases, {done / total:.1f} a second, {done / busy:.1f} a second of processor time")
    print(f"{parts}, drawing and comparison {rest:.0f}%")


if __name__ == "__main__":
    main()
