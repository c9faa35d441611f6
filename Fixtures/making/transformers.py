"""transformers: the plain torch functions of its models."""

import importlib
import inspect

from .case import Case
from .peer import Peer
from .torch_autograd import torch_run


def transformers_rule(name):
    """The plain torch function: the public name is a wrapper that prefers fla's kernels where fla is installed."""
    rule = inspect.unwrap(getattr(importlib.import_module("transformers.models.qwen3_next.modeling_qwen3_next"), name))

    def call(q, k, v, log_g, beta, state):  # scale 1/sqrt(Dk) is fixed inside
        return rule(q * q.shape[-1] ** 0.5, k, v, g=log_g, beta=beta, initial_state=state, output_final_state=True)

    return torch_run(call)


TORCH = ("transformers", "torch")
PEERS = {
    "hf-chunk": Peer("torch_chunk_gated_delta_rule", "core", "chunked:64", lambda: transformers_rule("torch_chunk_gated_delta_rule"), TORCH),
    "hf-recurrent": Peer("torch_recurrent_gated_delta_rule", "core", "sequential", lambda: transformers_rule("torch_recurrent_gated_delta_rule"), TORCH),
}  # fmt: skip

CASES = [
    Case("transformers/chunk-fd-seed", "hf-chunk", (1, 4, 2, 4, 8, 8), "the shape of the upstream finite-difference test, padded to a chunk", state=False),
    Case("transformers/chunk-T130", "hf-chunk", (2, 130, 1, 2, 4, 3), "past two chunks with a carried state"),
    Case("transformers/chunk-1to3-T65", "hf-chunk", (2, 65, 2, 6, 4, 2), "three value heads to a key head"),
    Case("transformers/chunk-tiny-decay", "hf-chunk", (1, 70, 1, 2, 4, 3), "decays down to 1e-30 through sums of logarithms", gates="tiny"),
    Case("transformers/chunk-equal-keys-0.999", "hf-chunk", (1, 130, 1, 2, 4, 3), "one key repeated: its triangular solve stays accurate", keys="equal", write=0.999, gates="near1"),
    Case("transformers/chunk-bf16", "hf-chunk", (1, 65, 2, 4, 4, 3), "bf16 inputs, fp32 arithmetic inside", dtype="bf16", state=False),
    Case("transformers/recurrent-1to4", "hf-recurrent", (2, 33, 2, 8, 4, 3), "four value heads to a key head"),
    Case("transformers/recurrent-extreme-decay", "hf-recurrent", (1, 70, 1, 2, 4, 3), "log g down to minus infinity", gates="extreme"),
]  # fmt: skip
