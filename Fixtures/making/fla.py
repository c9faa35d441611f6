"""flash-linear-attention: its naive forms, which run on a CPU."""

import importlib.util
from pathlib import Path

from .case import Case
from .peer import Peer
from .torch_autograd import torch_run


def fla_naive(folder, name):
    """fla's reference forms, loaded by path: the package itself needs Triton, these files do not."""
    root = importlib.util.find_spec("fla")
    if root is None:
        raise ImportError("fla is not installed")
    spec = importlib.util.spec_from_file_location(f"fla_{folder}_naive", Path(root.submodule_search_locations[0]) / "ops" / folder / "naive.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rule = getattr(module, name)

    def call(q, k, v, log_g, beta, state):  # the gated delta rule's forms want equal heads
        if folder == "gated_delta_rule":
            q, k = (t.repeat_interleave(v.shape[2] // t.shape[2], dim=2) for t in (q, k))
        return rule(q=q, k=k, v=v, g=log_g, beta=beta, scale=1.0, initial_state=state, output_final_state=True)

    return torch_run(call)


FLA = ("fla-core", "torch")
PEERS = {
    "gdr-recurrent": Peer("naive_recurrent_gated_delta_rule", "core", "sequential", lambda: fla_naive("gated_delta_rule", "naive_recurrent_gated_delta_rule"), FLA),
    "gdr-chunk": Peer("naive_chunk_gated_delta_rule", "core", "chunked:64", lambda: fla_naive("gated_delta_rule", "naive_chunk_gated_delta_rule"), FLA),
    "kda-recurrent": Peer("naive_recurrent_kda", "core", "sequential", lambda: fla_naive("kda", "naive_recurrent_kda"), FLA),
    "kda-chunk": Peer("naive_chunk_kda", "core", "chunked:64", lambda: fla_naive("kda", "naive_chunk_kda"), FLA),
}  # fmt: skip

FORWARD = dict(cotangents="")
CASES = [
    Case("fla/gdr-recurrent-1to2", "gdr-recurrent", (2, 33, 2, 4, 5, 3), "two value heads to a key head"),
    Case("fla/gdr-recurrent-extreme-decay", "gdr-recurrent", (1, 70, 1, 2, 4, 3), "log g down to minus infinity", gates="extreme"),
    Case("fla/gdr-chunk-T130", "gdr-chunk", (2, 130, 1, 2, 3, 4), "past two chunks with a carried state"),
    Case("fla/gdr-chunk-equal-keys-1", "gdr-chunk", (1, 130, 1, 2, 4, 3), "one key repeated, beta exactly 1", keys="equal", write=1.0, gates="near1"),
    Case("fla/kda-recurrent-1to3", "kda-recurrent", (2, 33, 2, 6, 4, 3), "decay per key channel, three value heads to a key head", channel=True),
    Case("fla/kda-recurrent-T65", "kda-recurrent", (1, 65, 2, 2, 3, 5), "decay per key channel past a chunk, no state", channel=True, state=False),
    Case("fla/kda-chunk-T128", "kda-chunk", (1, 128, 1, 2, 4, 3), "decay per key channel, two whole chunks", channel=True),
    Case("fla/kda-chunk-1to2", "kda-chunk", (2, 64, 2, 4, 3, 2), "decay per key channel, two value heads to a key head", channel=True),
    Case("fla/kda-chunk-tiny-decay", "kda-chunk", (1, 128, 1, 2, 4, 3), "forward only: where log g sums below -88 in a chunk its gradients are NaN", channel=True, gates="tiny", **FORWARD),
]  # fmt: skip
