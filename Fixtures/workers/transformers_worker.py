#!/usr/bin/env python3
"""The plain torch functions of transformers as a worker.

gdr fuzz --against 'hf=python3 transformers_worker.py chunk'          or recurrent; --all: refuse nothing that the function accepts
"""

import importlib.metadata
import inspect
import sys

from numpy_worker import serve

FORMS = {"chunk": "chunked:64", "recurrent": "sequential"}


def rule(form):
    from transformers.models.qwen3_next import modeling_qwen3_next as module

    # The public name is a wrapper that prefers fla's kernels where fla is installed.
    function = inspect.unwrap(getattr(module, f"torch_{form}_gated_delta_rule"))

    def call(q, k, v, log_g, beta, state):
        # 1/sqrt(Dk) is fixed inside. q goes in as float32, so that undoing it costs no rounding to 16 bits.
        y, state = function(q.float() * q.shape[-1] ** 0.5, k, v, g=log_g, beta=beta, initial_state=state, output_final_state=True)
        return y.to(v.dtype), state

    return call


def limits(shape):
    return "takes one decay per head" if shape["channels"] else None


def main():
    form = sys.argv[1] if len(sys.argv) > 1 else "chunk"
    if form not in FORMS:
        sys.exit(f"{form} is none of {', '.join(FORMS)}")
    declaration = {"name": f"torch_{form}_gated_delta_rule", "library": "transformers", "form": FORMS[form]}
    try:
        import torch_rule

        call = rule(form)
        declaration |= {"version": importlib.metadata.version("transformers")} | torch_rule.THROUGH_LOG | torch_rule.GROUPED
        evaluate = torch_rule.evaluator(call, takes_zero_decay=form == "recurrent" or "--all" in sys.argv, limits=limits)
    except ImportError as error:
        declaration["refusal"], evaluate = f"transformers cannot be loaded: {error}", None
    serve(declaration, evaluate)


if __name__ == "__main__":
    main()
