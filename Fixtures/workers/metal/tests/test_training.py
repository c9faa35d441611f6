"""Training kernels with memory of the threadgroup: barriers taken out one by one. Those of an installed unsloth_zoo, and those of mlx-lm's pull
request 1217, which is on no registry: GDR_MLX_LM_1217 names its mlx_lm/models/gated_delta_vjp_metal.py."""

import importlib.util
import os
import sys
import types
import unittest
from unittest.mock import patch

import numpy as np

import worker

from ..compiler import Failure
from ..modes import Modes
from .built_in import GDR, fused_metal

# Two threadgroups to a head, so that the sum of their shares has one order.
RECIPE = "v1/B1-T19-Hk2-Hv2-Dk64-Dv8/keys=random/decay=-0.1/write=0.5/state=random/dstate=random/f32/seed=5"
BARRIER = "threadgroup_barrier(mem_flags::mem_threadgroup);"
REQUEST = os.environ.get("GDR_MLX_LM_1217", "")
metal_kernel = mx = None


def setUpModule():
    global metal_kernel, mx
    if importlib.util.find_spec("mlx") is None:
        raise unittest.SkipTest("mlx is not installed")
    import mlx.core as mx

    from .. import metal_kernel

    metal_kernel.install(Modes())
    metal_kernel.SCRATCH.add("ckpt")


def drawn(T: int, Dk: int, Dv: int, H: int = 2) -> dict[str, np.ndarray]:
    random = np.random.default_rng(Dk)
    normal = lambda *shape: random.standard_normal(shape).astype(np.float32)
    return {
        "q": normal(1, T, H, Dk), "k": normal(1, T, H, Dk) * np.float32(Dk**-0.5), "v": normal(1, T, H, Dv),
        "g": random.uniform(0.5, 1, (1, T, H)).astype(np.float32), "beta": random.uniform(0, 1, (1, T, H)).astype(np.float32),
        "state_in": normal(1, H, Dv, Dk), "dy": normal(1, T, H, Dv), "dstate_out": normal(1, H, Dv, Dk),
    }  # fmt: skip


def without_barrier(kernel, number: int):
    """The kernel without its barrier of that number."""
    parts = kernel.source.split(BARRIER)
    parts[number : number + 2] = [parts[number] + parts[number + 1]]
    return patch.object(kernel, "source", BARRIER.join(parts))


class Barriers(unittest.TestCase):
    def agrees(self, found: dict, x: dict):
        right = worker.evaluate(x, {"arithmetic": "double", "gradients": "yes"})
        for name, t in found.items():
            self.assertTrue(np.abs(t - right[name]).max() < 1e-4 * (1 + np.abs(right[name]).max()), name)

    def caught(self, call, kernel) -> list[bool]:
        """Of each barrier, whether it is missed: by a race that is named."""
        metal_kernel.run_in(Modes.parse("races:4"))
        missed = []
        for number in range(kernel.source.count(BARRIER)):
            with without_barrier(kernel, number):
                try:
                    call()
                    missed.append(False)
                except Failure as failure:
                    self.assertIn("a race: ", str(failure))
                    missed.append(True)
        return missed

    def test_unsloth(self):
        if importlib.util.find_spec("unsloth_zoo") is None:
            self.skipTest("unsloth_zoo is not installed")
        from .. import unsloth_worker

        unsloth = unsloth_worker.module()
        x = drawn(40, 64, 32)
        arrays = [mx.array(x[n]) for n in ("q", "k", "v", "g", "beta", "state_in")]
        cotangents = [mx.array(x[n]) for n in ("dy", "dstate_out")]
        forward = lambda: [np.array(t) for t in unsloth.gated_delta_blocked_forward(*arrays)]
        backward = lambda: [np.array(t) for t in unsloth.gated_delta_blocked_backward(*arrays, *cotangents)]
        for modes in "", "checks":
            metal_kernel.run_in(Modes.parse(modes))
            self.agrees(dict(zip(("y", "state_out", "dq", "dk", "dv", "dg", "dbeta", "dstate_in"), forward() + backward())), x)
        plain, checkpoints, reverse = unsloth._get_blocked_kernels(False)
        self.assertEqual(self.caught(forward, plain), [True, True])
        self.assertEqual(self.caught(backward, checkpoints), [True, True])
        # Behind the last reads of a block there is another barrier than the first one of the reverse sweep.
        self.assertEqual(self.caught(backward, reverse), [False, True, True, True])

    @unittest.skipUnless(REQUEST, "GDR_MLX_LM_1217 names no file")
    def test_pull_request_1217(self):
        from mlx_lm.models import gated_delta

        package = types.ModuleType("request_1217")
        package.__path__ = []
        with patch.dict(sys.modules, {"request_1217": package, "request_1217.gated_delta": gated_delta}):
            spec = importlib.util.spec_from_file_location("request_1217.gated_delta_vjp_metal", REQUEST)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        keep, reverse = module._make_fwd_save_kernel(), module._make_bwd_kernel()

        def both(x: dict) -> dict[str, np.ndarray]:
            (_, T, H, Dk), Dv = x["q"].shape, x["v"].shape[3]
            arrays = {n: mx.array(t) for n, t in x.items()}
            how = {"grid": (32, Dv, H), "threadgroup": (32, 4, 1)}
            sizes = [("InT", mx.float32), ("StT", mx.float32), ("Dk", Dk), ("Dv", Dv), ("Hk", H), ("Hv", H)]
            states = [(1, H, Dv, Dk), (1, H, T, Dv, Dk)]
            inputs = [arrays[n] for n in ("q", "k", "v", "g", "beta", "state_in")]
            y, last, history = keep(inputs=[*inputs, T], template=sizes, output_shapes=[x["v"].shape, *states], output_dtypes=[mx.float32] * 3, **how)
            shapes = [(1, T, H, Dv // 4, Dk)] * 2 + [x["v"].shape] + [(1, T, H, Dv // 4)] * 2 + [(1, H, Dv, Dk)]
            found = reverse(inputs=[*inputs, history, arrays["dy"], arrays["dstate_out"], T], template=[*sizes, ("OutT", mx.float32)],
                            output_shapes=shapes, output_dtypes=[mx.float32] * 6, **how)  # fmt: skip
            found = [np.array(t).sum(3) if i in (0, 1, 3, 4) else np.array(t) for i, t in enumerate(found)]
            return dict(zip(("y", "state_out", "dq", "dk", "dv", "dg", "dbeta", "dstate_in"), [np.array(y), np.array(last), *found]))

        x = drawn(19, 64, 16)
        for modes in "", "checks":
            metal_kernel.run_in(Modes.parse(modes))
            self.agrees(both(x), x)
        self.assertEqual(self.caught(lambda: both(x), reverse), [True, True])
        if GDR:
            metal_kernel.run_in(Modes.parse("sum:descending"))
            x, expected = fused_metal(RECIPE)
            for name, t in both(x).items():
                np.testing.assert_array_equal(t.view(np.uint32), expected[name].view(np.uint32), name)


if __name__ == "__main__":
    unittest.main()
