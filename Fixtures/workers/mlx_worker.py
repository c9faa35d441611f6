#!/usr/bin/env python3
"""mlx-lm's functions as a worker.

gdr fuzz --against 'mlx=python3 mlx_worker.py'              gated_delta_ops at core level, gated_delta_update at model level, with gradients
                                               kernel       the Metal kernels on a Mac, forward only
                                               kernel --on-cpu [MODES]   the same kernels on any machine (metal/modes.py)
                                               --all        refuse nothing that the function accepts
By mlx-lm's own means: --gate bounded:L (lower_bound), --beta 2sigmoid (allow_neg_eigval), --l2norm --scale rsqrt (normalize_qk), --state bf16|f16
(the type of the state that it is given); gdr fuzz --against 'k3=python3 mlx_worker.py --gate bounded:-5 --l2norm --scale rsqrt' is Kimi K3.
"""

import argparse
import importlib.metadata

import numpy as np

import contract as contracts
from worker import Refusal, serve

ORDER = {"core": ["q", "k", "v", "g", "beta"], "model": ["q", "k", "v", "a", "b", "A_log", "dt_bias"]}


def missing(contract):
    """What mlx-lm has no means for."""
    if not contract.has_rate:
        return "compute_lower_bound_g takes A_log"
    if contract.decay == "log" or contract.layout == "kv":
        return "takes g itself and states [Dv, Dk]"
    if (contract.epsilon is None) != (contract.scale == 1) or contract.scale not in (1, "rsqrt"):
        return "normalize_qk normalises and scales by Dk^-1/2 in one: --l2norm goes with --scale rsqrt"
    return None


def refuse_pad(x, request):
    """Where MLX's own operations multiply what stands under a mask by zero."""
    # What a product of two of them, summed over Dk, does not bring to the end of its format.
    largest = 1e2 if request["precision"] == "fp16" else 1e15
    if not all((np.abs(x[n]) < largest).all() for n in ("q", "k", "v")) or ("A_log" in x and x["A_log"].max(initial=0) > 88):
        raise Refusal("multiplies what overflows or is not finite under the mask by zero")


def evaluator(contract, kernel=False, everything=False, modes=None):
    """The functions of this contract, as a worker's `evaluate`. On the CPU, where there is no Metal and where float64 exists; the kernels too, where
    there are `modes` to run them in."""
    import mlx.core as mx

    if modes is not None:
        from metal import metal_kernel

        metal_kernel.install(modes)
    from mlx_lm.models import gated_delta

    if kernel and not mx.metal.is_available():
        raise ImportError("the kernels need Metal")
    if not kernel:
        mx.set_default_device(mx.cpu)

    def to_numpy(t):
        mx.eval(t)
        return np.array(t.view(mx.uint16)) if t.dtype == mx.bfloat16 else np.array(t)

    def evaluate(x, request):
        level, double = request["level"], request["arithmetic"] == "double"
        B, T, _, Dk = x["q"].shape
        Hv, Dv = x["v"].shape[2:]
        if T == 0:
            raise Refusal("takes at least one token")
        if double and (level == "model" or kernel or contract.epsilon is not None):
            raise Refusal("computes gates and norms in float32 whatever they are given in")
        if contract.epsilon is not None and request["precision"] in ("bf16", "fp16") and not everything:
            raise Refusal("rounds what it normalised to 16 bits, which no declaration says")
        if modes is not None and level == "model" and not everything:
            raise Refusal("gates of a model are not the kernel's, and on a CPU MLX makes them in another way than on a GPU")
        if kernel and Dk % 32:
            raise Refusal("the kernel needs Dk % 32 == 0")
        mask = mx.array(x["mask"]) if "mask" in x else None
        if mask is not None and not everything and not (kernel and level == "core"):
            refuse_pad(x, request)
        narrow = mx.float64 if double else {"bf16": mx.bfloat16, "fp16": mx.float16}.get(request["precision"], mx.float32)
        wide = mx.float64 if double else mx.float32
        held = wide if double else {"bf16": mx.bfloat16, "f16": mx.float16}.get(contract.state, wide)

        def tensor(name):
            kind = narrow if name in ("q", "k", "v", "a", "b", "beta") else held if name == "state_in" else wide
            return mx.array(x[name]).astype(kind)

        # Without a state the function starts from a float32 one, even in float64.
        names = ORDER[level] + (["state_in"] if "state_in" in x else [])
        start = mx.zeros((B, Hv, Dv, Dk), dtype=mx.float64) if double and "state_in" not in x else None

        def forward(*primals):
            state = primals[-1] if "state_in" in x else start
            (q, k, v), gates = primals[:3], primals[3 : len(ORDER[level])]
            if contract.epsilon is not None:
                q, k = gated_delta.normalize_qk(q, k, inv_scale=Dk**-0.5, eps=contract.epsilon)
            if level == "model":
                options = {"lower_bound": contract.bound} if contract.gate == "bounded" else {}
                options |= {"allow_neg_eigval": True} if contract.beta == "2sigmoid" else {}
                return list(gated_delta.gated_delta_update(q, k, v, *gates, state, mask, use_kernel=kernel, **options))
            rule = gated_delta.gated_delta_kernel if kernel else gated_delta.gated_delta_ops
            return list(rule(q, k, v, *gates, state if state is not None else mx.zeros((B, Hv, Dv, Dk)), mask))

        primals = [tensor(n) for n in names]
        outputs = forward(*primals)
        results = dict(zip(("y", "state_out"), outputs))
        if not kernel and request["gradients"] == "yes":
            cotangents = [mx.array(x[n]).astype(o.dtype) if n in x else mx.zeros_like(o) for n, o in zip(("dy", "dstate_out"), outputs)]
            if mask is not None:  # y at a masked token means nothing, and neither does dy
                cotangents[0] = mx.where(mask[..., None, None], cotangents[0], 0)
            _, gradients = mx.vjp(forward, primals, cotangents)
            results |= {"dstate_in" if n == "state_in" else "d" + n: t for n, t in zip(names, gradients)}
        return {n: to_numpy(t) for n, t in results.items()}

    return evaluate


def modes_of(text):
    from metal.modes import Modes

    try:
        return Modes.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("form", nargs="?", choices=["ops", "kernel"], default="ops")
    parser.add_argument("--all", action="store_true", help="refuse nothing that the function accepts")
    parser.add_argument("--on-cpu", nargs="?", const="", type=modes_of, metavar="MODES", help="the kernels on a CPU, as in ahead:3,guard")
    contracts.add_options(parser)
    arguments = parser.parse_args()
    if arguments.on_cpu and arguments.form != "kernel":
        parser.error("--on-cpu goes with kernel")
    kernel, contract, evaluate = arguments.form == "kernel", contracts.of_options(arguments), None
    name = "gated_delta_kernel" if kernel else "gated_delta_ops, gated_delta_update"
    declaration = {"name": name, "library": "mlx-lm", "form": "sequential", "contract": str(contract)} | ({"gradients": "none"} if kernel else {})
    try:
        evaluate = evaluator(contract, kernel, arguments.all, arguments.on_cpu)
        versions = [importlib.metadata.version(p) for p in ("mlx-lm", "mlx")]
        declaration |= {"version": f"{versions[0]}, mlx {versions[1]}", "double": "no" if kernel else "yes", "roundings": "beta:input,exp|b|:input,dq:input,dk:input"}
        if reason := missing(contract):
            declaration["refusal"] = reason
    except ImportError as error:
        declaration["refusal"] = f"mlx-lm cannot be loaded: {error}"
    serve(declaration, evaluate, lambda request: contracts.refusal(contract, request))


if __name__ == "__main__":
    main()
