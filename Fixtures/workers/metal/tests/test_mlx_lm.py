"""The kernels of an installed mlx-lm: the built-in that was written from their description has their bits, and faults planted in their source are
caught. GDR names the gdr that evaluates the built-in."""

import importlib.util
import unittest
from unittest.mock import patch

import numpy as np

from ..compiler import Failure
from ..modes import Modes
from .built_in import GDR, fused_metal

RECIPES = (
    "v1/B1-T9-Hk1-Hv2-Dk64-Dv8/keys=random/decay=-0.1/write=0.5/state=random/f32/seed=1",
    "v1/B2-T33-Hk2-Hv6-Dk32-Dv4/keys=equal/decay=-0.01/write=0.999/f32/seed=2",
    "v1/B1-T130-Hk1-Hv1-Dk192-Dv12/keys=random/decay=-1/write=0.9/state=random/f32/seed=3",
    "v1/B1-T17-Hk1-Hv2-Dk64-Dv8/channels/keys=random/decay=-0.1/write=0.5/state=random/f32/seed=4",
)
gated_delta = metal_kernel = None


def setUpModule():
    global gated_delta, metal_kernel
    if importlib.util.find_spec("mlx") is None or importlib.util.find_spec("mlx_lm") is None:
        raise unittest.SkipTest("mlx-lm is not installed")
    from .. import metal_kernel

    metal_kernel.install(Modes())
    from mlx_lm.models import gated_delta


def forward(modes: str, x: dict, packed: bool = False) -> list[np.ndarray]:
    """[y, state] of mlx-lm's kernel."""
    import mlx.core as mx

    metal_kernel.run_in(Modes.parse(modes))
    B, Hv, Dv, Dk = x["q"].shape[0], *x["v"].shape[2:], x["q"].shape[3]
    state = x.get("state_in", np.zeros((B, Hv, Dv, Dk), np.float32))
    inputs = [mx.array(t) for t in (x["q"], x["k"], x["v"], x["g"], x["beta"], state)]
    return [np.array(t) for t in gated_delta._gated_delta_kernel_impl(*inputs, None, allow_packed=packed)]


def drawn(Dk: int, Dv: int = 8, T: int = 9) -> dict:
    random = np.random.default_rng(Dk)
    normal = lambda *shape: random.standard_normal(shape).astype(np.float32)
    return {
        "q": normal(1, T, 1, Dk), "k": normal(1, T, 1, Dk) * np.float32(Dk**-0.5), "v": normal(1, T, 2, Dv), "state_in": normal(1, 2, Dv, Dk),
        "g": random.uniform(0.5, 1, (1, T, 2)).astype(np.float32), "beta": random.uniform(0, 1, (1, T, 2)).astype(np.float32),
    }  # fmt: skip


class Bits(unittest.TestCase):
    @unittest.skipUnless(GDR, "GDR does not name a gdr")
    def test_built_in_has_the_bits_of_the_kernel(self):
        for recipe in RECIPES:
            x, expected = fused_metal(recipe)
            y, state = forward("sum:descending", x)
            np.testing.assert_array_equal(y.view(np.uint32), expected["y"].view(np.uint32), recipe)
            np.testing.assert_array_equal(state.view(np.uint32), expected["state_out"].view(np.uint32), recipe)
            # With another order of simd_sum they are not.
            self.assertTrue((forward("sum:ascending", x)[0] != expected["y"]).any(), recipe)

    def test_packed_kernel_has_the_bits_of_the_plain_one(self):
        x = drawn(128)
        for packed, plain in zip(forward("", x, packed=True), forward("sum:ascending", x)):
            np.testing.assert_array_equal(packed, plain)


class Planted(unittest.TestCase):
    def run_with(self, modes: str, right: str, wrong: str):
        kernel = gated_delta._gated_delta_kernel
        self.assertIn(right, kernel.source)
        with patch.object(kernel, "source", kernel.source.replace(right, wrong)):
            return forward(modes, drawn(64))

    def test_right_kernels_pass(self):
        for Dk, packed in (64, False), (128, True):
            for one, other in zip(forward("checks", drawn(Dk), packed), forward("", drawn(Dk), packed)):
                np.testing.assert_array_equal(one, other)

    def test_unwritten_row(self):
        with self.assertRaisesRegex(Failure, r"leaves 18 of 144 elements of y unwritten, the first at \[0,0,0,5\]"):
            self.run_with("checks", "if (thread_index_in_simdgroup == 0)", "if (thread_index_in_simdgroup == 0 && dv_idx != 5)")

    def test_wrong_lane(self):
        with self.assertRaisesRegex(Failure, "a shuffle reads a lane that is not there"):
            self.run_with("checks", "kv_mem = simd_sum(kv_mem);", "kv_mem = simd_sum(kv_mem); kv_mem = simd_broadcast(kv_mem, 32);")

    def test_read_past_the_end(self):
        with self.assertRaisesRegex(Failure, "touches memory [0-9]+ bytes past the end of k"):
            self.run_with("checks", "state[i] + k_[s_idx] * delta", "state[i] + k_[s_idx + 1] * delta")

    def test_write_past_the_end(self):
        with self.assertRaisesRegex(Failure, "touches memory 0 bytes past the end of state_out"):
            self.run_with("checks", "o_state[s_idx] =", "o_state[s_idx + 1] =")

    def test_race(self):
        # The second sum taken through memory of the threadgroup, without barriers.
        with self.assertRaisesRegex(Failure, "a race: [0-9]+ of 144 elements of y depend on the order of the threads"):
            self.run_with("races", "out = simd_sum(out);", "threadgroup float total[1]; total[0] = out = simd_sum(out); simd_sum(0.0f); out = total[0];")


if __name__ == "__main__":
    unittest.main()
