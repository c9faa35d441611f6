"""ArraysCache.extend gives rows without a length the length 0: all their tokens are masked.

library: mlx-lm 0.32.2
function: mlx_lm.models.cache.ArraysCache.extend
kind: bug
known: not found in November 2026 (ml-explore/mlx-lm#1169 brought the zeros)
recipe: none: it is in the cache, around the rule
worker: mlx

`lengths` is None for "as many tokens as come", and an array after `prepare(lengths=...)`. `extend` fills what is None with zeros, which means "no token":
`make_mask` is then false for every token of those rows, their state stays as it was, and their convolution keeps old inputs. For `left_padding` zeros
are right.

Expected: a length that no call reaches, or an error.
"""

import sys

import mlx.core as mx
from mlx_lm.models.cache import ArraysCache

running, joining = ArraysCache(1), ArraysCache(1)
running[0] = joining[0] = mx.zeros((1, 3, 4))
joining.prepare(lengths=[2])
running.extend(joining)
mask = running.make_mask(3).tolist()
print("expected a mask of [[True, True, True], [True, True, False]]: no length, and 2")
print(f"actual   {mask}")
sys.exit(mask != [[True, True, True], [True, True, False]])
