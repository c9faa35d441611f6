#!/usr/bin/env python3
"""What a launch of mlx-lm's kernels takes of this processor, in milliseconds, medians of nine: python3 speed.py"""

from __future__ import annotations

import os
import sys
import time

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from metal import metal_kernel
from metal.modes import Modes

metal_kernel.install(Modes())
import mlx.core as mx
from mlx_lm.models import gated_delta


def median(call, runs: int = 9) -> float:
    taken = []
    for _ in range(runs):
        start = time.process_time()
        call()
        taken.append(time.process_time() - start)
    return 1e3 * sorted(taken)[runs // 2]


def main():
    random = np.random.default_rng(0)
    for B, T, H, Dk, Dv, packed in (1, 9, 2, 32, 8, False), (1, 64, 4, 128, 128, False), (1, 64, 4, 128, 128, True):
        shapes = [(B, T, H, Dk)] * 2 + [(B, T, H, Dv)] + [(B, T, H)] * 2 + [(B, H, Dv, Dk)]
        inputs = [mx.array(random.uniform(0, 1, shape).astype(np.float32)) for shape in shapes]
        for modes in "", "ahead:1", "checks":
            metal_kernel.run_in(Modes.parse(modes))
            call = lambda: gated_delta._gated_delta_kernel_impl(*inputs, None, allow_packed=packed)
            call()  # compiles
            print(f"B{B} T{T} Hv{H} Dk{Dk} Dv{Dv} {'packed' if packed else 'plain':6} {modes or 'none':8} {median(call):8.1f}")


if __name__ == "__main__":
    main()
