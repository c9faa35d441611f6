"""Cache.batch_select_indices and batch_repeat_interleave fail for every model with a linear layer.

library: transformers 5.23.0
function: transformers.cache_utils.DynamicCache.batch_select_indices
kind: bug
known: not found in November 2026
recipe: none: it is in the cache, around the rule

Both are public methods of `Cache` and call the method of that name of each layer. `LinearAttentionLayer` has neither, so that a cache of Qwen3-Next
cannot be filtered or repeated by rows (to drop rows that ended, or to sample several times from one prompt); `reorder_cache`, for beams, is there.
In a layer that is both linear and attention (`LinearAttentionAndFullAttentionLayer`) they come from `DynamicLayer`: the keys are selected and the
states are not.

Expected: states are selected and repeated as `reorder_cache` does.
"""

import sys

import torch
from transformers.cache_utils import LinearAttentionAndFullAttentionLayer, LinearAttentionLayer

print("expected layers to select row 1 of their states")
wrong = []
for kind in (LinearAttentionLayer, LinearAttentionAndFullAttentionLayer):
    layer = kind()
    layer.update_recurrent_state(torch.arange(2.0).view(2, 1, 1, 1))
    try:
        if kind is LinearAttentionAndFullAttentionLayer:
            layer.update(torch.zeros(2, 1, 1, 1), torch.zeros(2, 1, 1, 1))
        layer.batch_select_indices(torch.tensor([1]))
        rows = layer.recurrent_states[0].flatten().tolist()
        wrong += [f"{kind.__name__}: rows {rows}"] if rows != [1.0] else []
    except AttributeError as error:
        wrong.append(f"{kind.__name__}: {error}")
print(f"actual   {'; '.join(wrong) or 'they do'}")
sys.exit(bool(wrong))
