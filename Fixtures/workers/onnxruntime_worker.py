#!/usr/bin/env python3
"""ONNX's operators as a worker, forward only.

gdr fuzz --against 'onnx=python3 onnxruntime_worker.py net'           onnxruntime's GatedDeltaNet, or linear: its LinearAttention
                                              standard                LinearAttention of opset 27 in onnxruntime
                                              reference               the same in ONNX's own reference implementation, numpy
                                              --all                   refuse nothing accepted
By the operators' own means: --scale 1|rsqrt|VALUE and --decay log; net: --gate bounded:L (gate_activation=sigmoid), --l2norm (qk_l2_norm,
whose epsilon is 1e-12, but 1e-6 with a bounded gate: --l2norm 1e-6); the others: --layout kv; standard and reference: --state bf16|f16.

net takes the packed steps of sessions through its cu_seqlens, rows without tokens among them, but at least one token in all. The others know
no cu_seqlens.
"""

import argparse

import numpy as np

import contract as contracts
import session as engine
from worker import Refusal, serve

OPERATORS = {
    "net": ("GatedDeltaNet", "com.microsoft"),
    "linear": ("LinearAttention", "com.microsoft"),
    "standard": ("LinearAttention", ""),
    "reference": ("LinearAttention", ""),
}
sessions = {}


def run(which, inputs, outputs, attributes):
    """One node; inputs by the operator's own names, in order, None where absent."""
    from onnx import helper

    op, domain = OPERATORS[which]
    present = {n: np.ascontiguousarray(t) for n, t in inputs.items() if t is not None}
    key = (op, *((n, t.dtype.name, t.ndim) for n, t in present.items()), *sorted(attributes.items()))
    if key not in sessions:
        node = helper.make_node(op, [n if n in present else "" for n in inputs], list(outputs), domain=domain, **attributes)
        graph = helper.make_graph(
            [node], op,
            [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(t.dtype), [None] * t.ndim) for n, t in present.items()],
            [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(np.dtype(t)), None) for n, t in outputs.items()],
        )  # fmt: skip
        opsets = [helper.make_opsetid("", 27 if domain == "" else 21), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets[: 1 if domain == "" else 2], ir_version=10)
        sessions[key] = session(model, which == "reference")
    return sessions[key].run(list(outputs), present)


def session(model, is_reference):
    if is_reference:
        from onnx.reference import ReferenceEvaluator

        return ReferenceEvaluator(model)
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def log_of(g, contract):
    if contract.decay == "log":
        return g
    with np.errstate(divide="ignore"):
        return np.log(g.astype(np.float64)).astype(np.float32)


def narrowed(x, request):
    """The inputs in the request's format, or a refusal of what no operator takes."""
    if request["precision"] == "bf16":
        raise Refusal("bf16 does not pass through numpy")
    if "mask" in x and not x.pop("mask").all():
        raise Refusal("has no mask")
    if x["q"].shape[1] == 0:
        raise Refusal("takes at least one token")
    real = np.float16 if request["precision"] == "fp16" else np.float32
    return {n: t.astype(real if n in ("q", "k", "v", "beta", "a", "b") else np.float32) for n, t in x.items()}


def held_in(contract):
    """The format of states."""
    if contract.state == "bf16":
        import ml_dtypes

        return ml_dtypes.bfloat16
    return np.float16 if contract.state == "f16" else np.float32


def scale_of(contract):
    """The attribute: 0 stands for Dk^-1/2."""
    return 0.0 if contract.scale == "rsqrt" else float(contract.scale)


def gated_delta_net(x, state, contract, ends=None):
    """Outputs and states of rows in a batch, [B,T,..], or one after the other, [total,..], as cu_seqlens says."""
    if "g" in x and contract.epsilon == 1e-6:
        raise Refusal("has an epsilon of 1e-12 where log g is given")
    attributes = {"scale": scale_of(contract)} | ({} if contract.epsilon is None else {"qk_l2_norm": 1})
    if "g" in x:
        gates = {"decay": log_of(x["g"], contract), "beta": x["beta"].astype(np.float32)}
    else:
        gates = {"decay": x["a"].astype(np.float32), "beta": x["b"].astype(np.float32)}
        bounded = {"gate_activation": "sigmoid", "gate_lower_bound": contract.bound}
        attributes |= {"beta_activation": "sigmoid"} | (bounded if contract.gate == "bounded" else {"gate_activation": "softplus"})
    A_log, dt_bias = x.get("A_log"), x.get("dt_bias")
    return run(
        "net",
        {"query": x["q"], "key": x["k"], "value": x["v"], "cu_seqlens": ends, **gates, "initial_state": state,
         "a_log": None if A_log is None else A_log.flatten(), "dt_bias": dt_bias},
        {"output": x["q"].dtype, "final_state": np.float32}, attributes,
    )  # fmt: skip


def net(contract):
    def evaluate(x, request):
        x = narrowed(x, request)
        B, _, Hv, Dv = x["v"].shape
        state = x.get("state_in", np.zeros((B, Hv, Dv, x["q"].shape[3]), np.float32))  # the operator reads B from it
        y, state_out = gated_delta_net(x, state, contract)
        return {"y": y, "state_out": state_out}

    return evaluate


def packed(contract):
    """Steps of rows one after the other: states are gathered from the pool and put back, as an engine does around the operator."""

    def rows_of(step, request):
        x = {n: t if n in ("A_log", "dt_bias") else t[0] for n, t in narrowed(dict(step.x), request).items()}
        absent = np.array([slot < 0 or fresh for slot, fresh in zip(step.slots, step.fresh)], bool)
        states = np.where(absent[:, None, None, None], np.float32(0), step.pool[step.slots])
        y, states = gated_delta_net(x, states, contract, np.array(step.cu_seqlens, np.int32))
        for i, slot in enumerate(step.slots):
            if slot >= 0:
                step.pool[slot] = states[i]
        return y[None]

    return engine.steps(lambda step, request: engine.answer(step, request, rows_of))


def linear_attention(which, contract):
    def evaluate(x, request):
        if "g" not in x:
            raise Refusal("takes g and beta")
        x = narrowed(x, request)
        if request["precision"] == "fp16":
            raise Refusal("keeps its state in fp16 where q is" if which == "linear" else "takes log g in the format of q")
        Hk, (Hv, Dv) = x["q"].shape[2], x["v"].shape[2:]
        if which != "linear" and Hk != Hv:  # the standard has more heads of q than of v, not fewer
            x["q"], x["k"] = (np.repeat(x[n], Hv // Hk, axis=2) for n in "qk")
            Hk = Hv
        B, T = x["q"].shape[:2]
        held = held_in(contract)
        turn = (lambda t: t) if contract.layout == "kv" else (lambda t: t.swapaxes(-1, -2))
        # Without a state the standard would take the final one's format from q.
        state = turn(x["state_in"]) if "state_in" in x else np.zeros((B, Hv, x["q"].shape[-1], Dv), np.float32)
        flat = {n: x[n].reshape(B, T, -1) for n in ("q", "k", "v", "beta")}
        decay = log_of(x["g"], contract).reshape(B, T, -1)
        y, state_out = run(
            which,
            {"query": flat["q"], "key": flat["k"], "value": flat["v"], "past_state": state.astype(held), "decay": decay, "beta": flat["beta"]},
            {"output": flat["q"].dtype, "present_state": held},
            {"q_num_heads": Hk, "kv_num_heads": Hv, "update_rule": "gated_delta", "scale": scale_of(contract)},
        )  # fmt: skip
        state_out = np.ascontiguousarray(turn(state_out))
        return {"y": y.reshape(B, T, Hv, Dv), "state_out": state_out.view(np.uint16) if contract.state == "bf16" else state_out}

    return evaluate


def epsilon_of(contract):
    """GatedDeltaNet's own, which depends on its gate (onnxruntime 1.32)."""
    return 1e-6 if contract.gate == "bounded" else 1e-12


def missing(which, contract):
    """What the operators have no means for."""
    if contract.beta == "2sigmoid" or not contract.has_rate:
        return "has sigmoid(b) and takes a_log"
    if contract.epsilon not in (None, epsilon_of(contract)):
        return "has an epsilon of 1e-6 with a bounded gate that it makes itself, and of 1e-12 else"
    if which == "net":
        return "keeps its state [Dv, Dk] in float32" if contract.layout == "kv" or contract.state != "f32" else None
    if contract.gate == "bounded" or contract.epsilon is not None:
        return "takes log g and beta, q and k, as they are"
    return "keeps its state in the format of q" if which == "linear" and contract.state != "f32" else None


def evaluator(which, contract):
    return net(contract) if which == "net" else linear_attention(which, contract)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("operator", nargs="?", choices=OPERATORS, default="net")
    parser.add_argument("--all", action="store_true", help="refuse nothing that the operator accepts")
    contracts.add_options(parser, "1e-12")
    arguments = parser.parse_args()
    which, contract = arguments.operator, contracts.of_options(arguments)
    library = "onnx" if which == "reference" else "onnxruntime"
    declaration = {
        "name": OPERATORS[which][0], "library": library, "form": "sequential", "contract": str(contract), "gradients": "none",
        "clamp": "none" if contract.decay == "log" else "log:-1000",
    }  # fmt: skip
    if which == "net":
        declaration["calls"] = "packed"
    try:
        import onnx, onnxruntime  # noqa: E401

        declaration["version"] = (onnx if which == "reference" else onnxruntime).__version__
        if reason := missing(which, contract):
            declaration["refusal"] = reason
    except ImportError as error:
        declaration["refusal"] = f"onnxruntime cannot be loaded: {error}"
    serve(declaration, evaluator(which, contract), lambda request: contracts.refusal(contract, request), packed(contract))


if __name__ == "__main__":
    main()
