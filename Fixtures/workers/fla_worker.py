#!/usr/bin/env python3
"""flash-linear-attention as a worker: its naive forms on a CPU, its Triton kernels where a GPU is.

gdr fuzz --against 'fla=python3 fla_worker.py gdr-chunk'              gdr-recurrent gdr-chunk kda-recurrent kda-chunk (naive, CPU)
                                                                       gdr-kernel kda-kernel (Triton, GPU)
                                                                       gdr-fused kda-fused gdn2-fused (Triton, GPU, forward only)
                                                                       --all: refuse nothing that the function accepts
                                                                       --ieee: multiply fp32 inputs as fp32, not TF32
                                                                       --packed: take the steps of sessions, cu_seqlens
                                                                       --pool: kda-fused and gdn2-fused take them on a pool in place
                                                                       --interpret: a Triton form in Triton's interpreter, CPU
                                                                       --untuned: a kernel's first configuration, nothing is timed
Triton compiles for every shape, so that on a GPU a few shapes are drawn only:
gdr fuzz --deadline 10m --families Hk1-Hv2-Dk16-Dv16/bf16,Hk2-Hv2-Dk64-Dv64/f16 --against 'fla=python3 fla_worker.py gdr-kernel'

By fla's own means: --scale 1|rsqrt|VALUE, --decay log, --layout kv, --state bf16|f16 (the type of the state that it is given); with kda-...
--gate bounded:L[,noA] (naive_kda_lowerbound_gate; in the kernels lower_bound, with safe_gate from -5 up); in the kernels also --l2norm
(use_qk_l2norm_in_kernel), --beta 2sigmoid (allow_neg_eigval), --gate-in-kernel (softplus and sigmoid made there too), --v-first (states kept
[Dv,Dk]). Kimi Linear's layer is kda-kernel --gate-in-kernel --l2norm --scale rsqrt --decay log --layout kv. gdn2-fused is GDN-2 with both of its
gates equal to beta.

With --pool the kernels read and write slots by ssm_state_indices. They write the state behind every token to the slot that stands there for it,
so that the snapshots of drafts are their own, and read where num_accepted_tokens points. An index of -1 is no padding to them: those rows
get a slot of no sequence. All of it runs in the interpreter too (in bf16 with the versions that interpreter/ puts right).
"""

import argparse
import importlib
import importlib.metadata
import importlib.util
import os
from pathlib import Path

import contract as contracts
import device as gpu
import interpreter
import session
from worker import serve

NAIVE = {
    "gdr-recurrent": ("gated_delta_rule", "naive_recurrent_gated_delta_rule", "sequential"),
    "gdr-chunk": ("gated_delta_rule", "naive_chunk_gated_delta_rule", "chunked:64"),
    "kda-recurrent": ("kda", "naive_recurrent_kda", "sequential"),
    "kda-chunk": ("kda", "naive_chunk_kda", "chunked:64"),
}
KERNELS = {
    "gdr-kernel": ("gated_delta_rule", "chunk_gated_delta_rule", "chunked:64"),
    "gdr-fused": ("gated_delta_rule", "fused_recurrent_gated_delta_rule", "sequential"),
    "kda-kernel": ("kda", "chunk_kda", "chunked:64"),
    "kda-fused": ("kda", "fused_recurrent_kda", "sequential"),
    "gdn2-fused": ("gdn2", "fused_recurrent_gdn2", "sequential"),
}


def naive(folder, name):
    """Loaded by path: the package itself needs Triton, these files do not."""
    root = importlib.util.find_spec("fla")
    if root is None:
        raise ImportError("No module named 'fla'")
    spec = importlib.util.spec_from_file_location(f"fla_{folder}_naive", Path(root.submodule_search_locations[0]) / "ops" / folder / "naive.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


def scale_of(contract):
    """The argument: None stands for Dk^-1/2."""
    return None if contract.scale == "rsqrt" else float(contract.scale)


def naive_rule(which, contract):
    folder, name, _ = NAIVE[which]
    function = naive(folder, name)

    def call(q, k, v, log_g, beta, state):
        if which.startswith("gdr"):  # takes equal heads only
            q, k = (t.repeat_interleave(v.shape[2] // t.shape[2], dim=2) for t in (q, k))
        return function(q=q, k=k, v=v, g=log_g, beta=beta, scale=scale_of(contract), initial_state=state, output_final_state=True)

    return call


def write_gates(which, beta, k, v):
    """beta as the kernel takes it: that of gdn2 has one gate per key channel, to read with, and one per value channel, to write with."""
    if which != "gdn2-fused":
        return {"beta": beta}
    return {"b": beta[..., None].expand(*beta.shape, k.shape[-1]), "w": beta[..., None].expand(*beta.shape, v.shape[-1])}


def kernel_rules(which, contract, v_first):
    """The kernel for log g and beta, and for the inputs of the gates."""
    folder, name, _ = KERNELS[which]
    function = getattr(importlib.import_module(f"fla.ops.{folder}"), name)
    options = {"scale": scale_of(contract), "output_final_state": True}
    if contract.epsilon is not None:
        options["use_qk_l2norm_in_kernel"] = True
    if v_first:
        options["state_v_first"] = True

    def run(state, further=None, **tensors):
        # cu_seqlens among them, for rows one after the other in a batch of one.
        if v_first and state is not None:
            state = state.mT
        tensors = {n: t.contiguous() for n, t in tensors.items() if t is not None}
        y, state = function(initial_state=None if state is None else state.contiguous(), **tensors, **options, **(further or {}))
        return y, state.mT if v_first else state

    def call(q, k, v, log_g, beta, state, cu_seqlens=None):
        return run(state, q=q, k=k, v=v, g=log_g, **write_gates(which, beta, k, v), cu_seqlens=cu_seqlens)

    def fused(q, k, v, a, b, A_log, dt_bias, state):
        # Not for the calls at core level, whose gates are made.
        further = {"use_gate_in_kernel": True, "use_beta_sigmoid_in_kernel": True, "allow_neg_eigval": contract.beta == "2sigmoid"}
        if contract.gate == "bounded":
            further |= {"lower_bound": contract.bound, **({"safe_gate": contract.bound >= -5} if which == "kda-kernel" else {})}
        A_log = None if A_log is None else A_log.flatten()
        return run(state, further, q=q, k=k, v=v, g=a, beta=b, A_log=A_log, dt_bias=dt_bias.flatten())

    return call, fused


def bounded_gates(a, b, A_log, dt_bias, contract):
    from fla.ops.kda.gate import naive_kda_lowerbound_gate

    return naive_kda_lowerbound_gate(a, None if A_log is None else A_log.flatten(), dt_bias, lower_bound=contract.bound), b.sigmoid()


def missing(which, contract, in_kernel):
    """What fla has no means for."""
    if contract.gate == "bounded" and which.startswith("gdr"):
        return "has a bounded gate per channel: kda-..."
    if which in NAIVE and (contract.epsilon is not None or contract.beta == "2sigmoid" or in_kernel):
        return "the naive forms take q, k, log g and beta as they are"
    if which == "gdn2-fused" and (contract.gate == "bounded" or contract.beta == "2sigmoid" or in_kernel):
        return "gdn2-fused takes gates that are made outside"
    if contract.epsilon not in (None, 1e-6):
        return "has an epsilon of 1e-6"
    if contract.state != "f32" and which == "kda-kernel":
        return "takes a state in float32"
    return None


CUTS_BF16 = "Triton's interpreter cuts numbers off where it should round them to bf16"


def interprets():
    return os.environ.get("TRITON_INTERPRET") == "1"


def cuts_bf16():
    """In the versions that are not put right."""
    return interprets() and interpreter.missing() is not None


def limits(which):
    def refusal(shape):
        if which.startswith("gdr") and shape["channels"]:
            return "takes one decay per head"
        if not which.startswith("gdr") and not shape["channels"]:
            return "takes one decay per key channel"
        if which == "kda-chunk" and shape["T"] % 64:
            return "takes whole chunks of 64 tokens"
        if shape["precision"] == "bf16" and cuts_bf16():
            return CUTS_BF16
        return None

    return refusal


def forward_only(evaluate):
    def outputs(x, request):
        return evaluate(x, request | {"gradients": "no"})

    return outputs


def evaluator(which, contract, everything=False, in_kernel=False, v_first=False):
    import torch
    import torch_rule

    everything = everything or (NAIVE | KERNELS)[which][2] == "sequential"
    if which in NAIVE:
        gates = bounded_gates if contract.gate == "bounded" else torch_rule.qwen_gates
        return torch_rule.evaluator(naive_rule(which, contract), "cpu", everything, limits(which), contract, gates)
    call, fused = kernel_rules(which, contract, v_first)
    in_kernel = in_kernel or contract.gate == "bounded" or contract.beta == "2sigmoid"
    evaluate = torch_rule.evaluator(call, device(which), everything, limits(which), contract, fused=fused if in_kernel else None)
    return forward_only(evaluate) if which.endswith("-fused") else evaluate


def device(which):
    """Where the kernels run."""
    import torch

    if interprets():
        if not which.endswith("-fused") and (reason := interpreter.missing()):
            raise ImportError(reason)
        return "cpu"
    if torch.cuda.is_available():
        return "cuda"
    raise ImportError("the Triton kernels need a GPU, or --interpret")


def steps(arguments, contract):
    """What answers the steps of sessions, and what is declared of them."""
    import fla_steps

    which = arguments.form
    if which in NAIVE:
        raise SystemExit("the naive forms take no cu_seqlens")
    if arguments.gate_in_kernel or contract.gate == "bounded" or contract.beta == "2sigmoid":
        raise SystemExit("steps are taken with the gates of Qwen3-Next, made outside the kernel")
    if arguments.pool and which not in ("kda-fused", "gdn2-fused"):
        raise SystemExit("--pool is for kda-fused and gdn2-fused")
    if arguments.pool and contract.state == "bf16" and cuts_bf16():
        raise SystemExit(CUTS_BF16)
    place = limits(which), contract, device(which)
    if arguments.pool:
        folder, name, _ = KERNELS[which]
        # The public function hides the pool.
        function = getattr(importlib.import_module(f"fla.ops.{folder}.fused_recurrent"), name + "_fwd")
        kind = fla_steps.Pooled(function, lambda beta, k, v: write_gates(which, beta, k, v), scale_of(contract), *place)
        calls = {"calls": "packed,verify,undo,fork,snapshots", "pool": "kept"}
    else:
        kind, calls = fla_steps.Packed(kernel_rules(which, contract, arguments.v_first)[0], *place), {"calls": "packed"}
    return session.steps(lambda step, request: session.answer(step, request, kind.rows_of)), calls


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("form", nargs="?", choices=NAIVE | KERNELS, default="gdr-chunk")
    parser.add_argument("--all", action="store_true", help="refuse nothing that the function accepts")
    parser.add_argument("--ieee", action="store_true", help="multiply fp32 inputs as fp32, not TF32")
    parser.add_argument("--gate-in-kernel", action="store_true", help="gates made in the kernel")
    parser.add_argument("--v-first", action="store_true", help="states kept [Dv,Dk] in the kernel")
    parser.add_argument("--packed", action="store_true", help="take the steps of sessions, through cu_seqlens")
    parser.add_argument("--pool", action="store_true", help="take them on a pool in place, through ssm_state_indices")
    parser.add_argument("--interpret", action="store_true", help="in Triton's interpreter, without a GPU")
    parser.add_argument("--untuned", action="store_true", help="each kernel in its first configuration, so that a shape compiles in seconds")
    contracts.add_options(parser)
    arguments = parser.parse_args()
    which, contract, evaluate, step = arguments.form, contracts.of_options(arguments), None, None
    _, name, form = (NAIVE | KERNELS)[which]
    declaration = {"name": name, "library": "fla-core", "form": form}
    if which.endswith("-fused"):
        declaration["gradients"] = "none"
    if arguments.interpret:
        arguments.ieee = True  # it knows no TF32
    if arguments.ieee:
        os.environ["TRITON_F32_DEFAULT"] = "ieee"
    try:
        if arguments.interpret:
            interpreter.prepare()
        elif arguments.untuned:
            interpreter.take_first_configurations()
        import torch_rule

        declaration |= {"version": importlib.metadata.version("fla-core")} | torch_rule.declared(contract) | gpu.declared()
        if which in ("gdr-kernel", "kda-kernel"):
            # The operands of their products, and what goes from one to the next, are rounded to the format of q.
            declaration["roundings"] += ",products:" + ("input" if arguments.ieee else "tf32")
        evaluate = gpu.until_lost(evaluator(which, contract, arguments.all, arguments.gate_in_kernel, arguments.v_first))
        if arguments.packed or arguments.pool:
            step, calls = steps(arguments, contract)
            step, declaration = gpu.until_lost(step), declaration | calls
        if reason := missing(which, contract, arguments.gate_in_kernel):
            declaration["refusal"] = reason
    except ImportError as error:
        declaration["refusal"] = f"fla cannot be loaded: {error}"
    serve(declaration, evaluate, lambda request: contracts.refusal(contract, request), step)


if __name__ == "__main__":
    main()
