"""A NaN in g comes out as a number.

library: deltanet-tpu 0.3.0
function: deltanet_tpu.chunk_gdn
kind: limit
known: not found in November 2026
recipe: none: a law of NaN found it, on v1/B1-T70-Hk1-Hv2-Dk128-Dv128/keys=random/decay=-0.1/write=0.5/state=random/f32/seed=1
worker: tpu-gdn
python: python3.12

A comparison in the kernel is false for a NaN, and takes the other value: y behind a NaN gate is finite, as if the gate had been some other. A model that
diverged goes on without a sign of it.

Expected: NaN in y from that token on.
"""

import sys
import warnings

import jax.numpy as jnp
import numpy as np
from deltanet_tpu import chunk_gdn

warnings.simplefilter("ignore")
random = np.random.default_rng(0)
q, k, v = (jnp.asarray(random.standard_normal((1, 8, 1, 128)) / 11, jnp.float32) for _ in range(3))
g = jnp.full((1, 8, 1), -0.1).at[0, 3, 0].set(jnp.nan)
y = chunk_gdn(q, k, v, g, jnp.full((1, 8, 1), 0.5), precision="fp32")
y = y[0] if isinstance(y, tuple) else y
finite = int(jnp.isfinite(y[0, 3:]).all(axis=(1, 2)).sum())
print("expected y to be NaN from token 3 on, where g is")
print(f"actual   finite at {finite} of the 5 tokens from there")
sys.exit(finite > 0)
