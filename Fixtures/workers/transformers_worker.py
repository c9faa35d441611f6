#!/usr/bin/env python3
"""The plain torch functions of transformers as a worker.

gdr fuzz --against 'hf=python3 transformers_worker.py chunk'          chunk, recurrent: Qwen3-Next; kimi-chunk, kimi-recurrent: Kimi Linear, a
                                                                      decay per channel, with its gate; --all: refuse nothing that the function accepts
By transformers' own means: --l2norm --scale rsqrt (use_qk_l2norm_in_kernel), --scale rsqrt (fixed inside), --decay log, --layout kv,
--state bf16|f16 (the type of the state that it is given), --gate bounded:L (the gate of Ling's hybrid, per channel).
"""

import argparse
import importlib
import importlib.metadata
import inspect
from types import SimpleNamespace

import contract as contracts
from worker import serve

FORMS = {
    "chunk": ("qwen3_next", "torch_chunk_gated_delta_rule", "chunked:64"),
    "recurrent": ("qwen3_next", "torch_recurrent_gated_delta_rule", "sequential"),
    "kimi-chunk": ("kimi_linear", "chunk_kimi_delta_attention", "chunked:64"),
    "kimi-recurrent": ("kimi_linear", "recurrent_kimi_delta_attention", "sequential"),
}


def module(model):
    return importlib.import_module(f"transformers.models.{model}.modeling_{model}")


def rule(form, contract):
    model, name, _ = FORMS[form]
    # The public name is a wrapper that prefers fla's kernels where fla is installed.
    function = inspect.unwrap(getattr(module(model), name))
    options = {"output_final_state": True} | ({} if contract.epsilon is None else {"use_qk_l2norm_in_kernel": True})

    def call(q, k, v, log_g, beta, state):
        if form.startswith("kimi"):  # takes equal heads only
            q, k = (t.repeat_interleave(v.shape[2] // t.shape[2], dim=2) for t in (q, k))
        if contract.scale == 1:
            # 1/sqrt(Dk) is fixed inside. q goes in as float32, so that undoing it costs no rounding to 16 bits.
            q = q.float() * q.shape[-1] ** 0.5
        y, state = function(q, k, v, g=log_g, beta=beta, initial_state=state, **options)
        return y.to(v.dtype), state

    return call


def kimi_gates(a, b, A_log, dt_bias, contract):
    """log g by the gate module of a model, whose projections are left out and whose parameters are ours."""
    gate = module("kimi_linear").KimiLinearForgetGate
    parts = SimpleNamespace(f_a_proj=lambda a: a, f_b_proj=lambda a: a, num_heads=a.shape[2], head_dim=a.shape[3], dt_bias=dt_bias.flatten(), A_log=A_log.view(1, 1, -1, 1))
    return gate.forward(parts, a.flatten(2)), b.sigmoid()


def bounded_gates(a, b, A_log, dt_bias, contract):
    """The same by that of another model."""
    gate = module("bailing_hybrid").BailingHybridForgetGate
    heads, width = a.shape[2:]
    parts = SimpleNamespace(f_proj=lambda a: a, num_heads=heads, head_dim=width, safe_gate=True, lower_bound=contract.bound, A_log=A_log, dt_bias=dt_bias)
    return gate.forward(parts, a.flatten(2)), b.sigmoid()


def missing(form, contract):
    """What transformers has no means for."""
    if contract.epsilon not in (None, 1e-6) or contract.scale not in (1, "rsqrt"):
        return "has an epsilon of 1e-6 and a scale of Dk^-1/2"
    if contract.epsilon is not None and contract.scale == 1:
        return "scales what it normalised by Dk^-1/2: --l2norm goes with --scale rsqrt"
    if contract.beta == "2sigmoid" or not contract.has_rate:
        return "has no function for it: a layer does it in passing"
    if contract.gate == "bounded" and not form.startswith("kimi"):
        return "has a bounded gate per channel: kimi-chunk or kimi-recurrent"
    return None


def limits(form):
    takes_channels = form.startswith("kimi")
    words = "takes one decay per key channel" if takes_channels else "takes one decay per head"
    return lambda shape: None if shape["channels"] == takes_channels else words


def evaluator(form, contract, everything=False):
    import torch_rule

    gates = bounded_gates if contract.gate == "bounded" else kimi_gates if form.startswith("kimi") else torch_rule.qwen_gates
    everything = everything or FORMS[form][2] == "sequential"
    return torch_rule.evaluator(rule(form, contract), "cpu", everything, limits(form), contract, gates)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("form", nargs="?", choices=FORMS, default="chunk")
    parser.add_argument("--all", action="store_true", help="refuse nothing that the function accepts")
    contracts.add_options(parser)
    arguments = parser.parse_args()
    form, contract, evaluate = arguments.form, contracts.of_options(arguments), None
    _, name, arithmetic = FORMS[form]
    declaration = {"name": name, "library": "transformers", "form": arithmetic, "contract": str(contract)}
    try:
        import torch_rule

        evaluate = evaluator(form, contract, arguments.all)
        declaration |= {"version": importlib.metadata.version("transformers")} | torch_rule.declared(contract)
        if reason := missing(form, contract):
            declaration["refusal"] = reason
    except ImportError as error:
        declaration["refusal"] = f"transformers cannot be loaded: {error}"
    serve(declaration, evaluate, lambda request: contracts.refusal(contract, request))


if __name__ == "__main__":
    main()
