"""Padding in a segment that continues from a cache is written into the state.

library: transformers 5.23.0
function: transformers.models.qwen3_next.modeling_qwen3_next.Qwen3NextGatedDeltaNet
kind: bug
known: in part: huggingface/transformers#47086 was the mask that was skipped; that zeroing is not enough is not found
recipe: none: it is in the layer, around the rule
worker: hf-chunk

`create_recurrent_attention_mask` says that padding inside a segment that continues from a cache "must still be zeroed out, otherwise it leaks
into the recurrent state". The layer zeroes the hidden states there, which is not enough: the causal convolution gives a padded position the
tokens before it, so that its key and value are not zero, beta is sigmoid(0) = 0.5, and the gate decays the state by softplus(dt_bias). A second
turn of a batch of chats, padded on its left, therefore changes the state of the shorter rows. The same holds in Qwen3.5, Olmo Hybrid,
Kimi Linear and Bailing Hybrid, whose models are off by as much as their logits are large.

Expected: the row with padding gives what the same row gives without it. beta = 0 and g = 0 where the mask is 0, and a convolution that skips
such positions, would do it.
"""

import inspect
import sys

import torch
from transformers.cache_utils import DynamicCache
from transformers.models.qwen3_next import modeling_qwen3_next as model
from transformers.models.qwen3_next.configuration_qwen3_next import Qwen3NextConfig

# The PyTorch forms, whether fla and causal-conv1d are installed or not.
for name, function in list(vars(model).items()):
    if inspect.isfunction(function) and hasattr(function, "__wrapped__"):
        setattr(model, name, inspect.unwrap(function))

torch.manual_seed(0)
config = Qwen3NextConfig(
    hidden_size=16, linear_num_key_heads=1, linear_num_value_heads=2, linear_key_head_dim=8, linear_value_head_dim=8, num_hidden_layers=1,
    layer_types=["linear_attention"])
layer = model.Qwen3NextGatedDeltaNet(config, 0).eval()
with torch.no_grad():
    layer.in_proj_qkvz.weight.normal_()
    layer.in_proj_ba.weight.normal_()
    turns = torch.randn(1, 4, 16), torch.randn(1, 5, 16)

    def second(padding):
        """The second turn's outputs, behind so many positions of padding."""
        cache = DynamicCache(config=config)
        layer(turns[0], cache_params=cache)
        padded = torch.cat([torch.zeros(1, padding, 16), turns[1]], 1)
        mask = torch.cat([torch.zeros(1, padding), torch.ones(1, 5)], 1) if padding else None
        return layer(padded, cache_params=cache, attention_mask=mask)[:, padding:]

    alone, padded = second(0), second(3)
error = ((padded - alone).abs().max() / alone.abs().max()).item()
print("expected the outputs of the second turn to be the same behind 3 positions of padding")
print(f"actual   off by {error:.3f} of the largest")
sys.exit(not error < 1e-4)
