"""Cache.crop takes tokens out of the convolution's state and leaves them in the recurrent one.

library: transformers 5.23.0
function: transformers.cache_utils.LinearAttentionLayer.crop
kind: bug
known: huggingface/transformers#49036, open
recipe: none: it is in the cache, around the rule

After `activate_past_recording()` a linear layer's `crop(-n)` shortens `conv_states`, and does nothing to `recurrent_states`: the tokens that were
taken back go on to act. `is_croppable` says False for such a layer, but `crop` does not ask it, and raises for other reasons only. `generate`
refuses assisted generation for these models; whoever rolls back by hand gets wrong outputs without a word.

Expected: an error where a recurrent state would have to be rolled back.
"""

import sys

import torch
from transformers.cache_utils import LinearAttentionLayer

layer = LinearAttentionLayer()
layer.activate_past_recording()
layer.update_conv_state(torch.arange(6.0).view(1, 1, 6), conv_kernel_size=4)
layer.update_recurrent_state(torch.full((1, 1, 2, 2), 6.0))  # the state behind 6 tokens
print("expected crop(-2) to raise, or the state behind 4 tokens")
try:
    layer.crop(-2)
except Exception as error:
    print(f"actual   {type(error).__name__}: {error}")
    sys.exit(0)
print(f"actual   conv_states {layer.conv_states[0].flatten().tolist()}, recurrent_states {layer.recurrent_states[0].flatten().tolist()}")
sys.exit(layer.recurrent_states[0].flatten().tolist() == [6.0] * 4)
