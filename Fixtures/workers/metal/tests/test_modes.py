"""Every fault that a mode is for is planted, caught by it and named; the kernel without a fault passes all of them."""

import unittest

import numpy as np

from ..compiler import Failure
from ..launch import Argument, launch
from ..modes import Modes
from ..translation import translated
from .planted import ROWS, X, row_sums

BARRIER = ("  threadgroup_barrier(mem_flags::mem_threadgroup);\n", "")


class Planted(unittest.TestCase):
    def named(self, modes: str, says: str, *faults: tuple[str, str]):
        with self.assertRaisesRegex(Failure, says):
            row_sums(modes, *faults)

    def test_right_kernel_passes(self):
        for modes in "", "ahead:7", "checks", "checks,sum:serial", "checks,fma,fast":
            y, z = row_sums(modes)
            np.testing.assert_allclose(y, X.sum(1), rtol=1e-5, atol=1e-5)
            np.testing.assert_array_equal(z, X + X.reshape(ROWS, -1, 2)[..., ::-1].reshape(X.shape))

    def test_missing_barrier(self):
        self.named("races", "a race: [123] of 3 elements of y depend on the order of the threads", BARRIER)
        # One run shows it by its result.
        y, _ = row_sums("ahead:3", BARRIER)
        self.assertFalse(np.abs(y - X.sum(1)).max() < 1e-3)

    def test_unwritten_row(self):
        skips = ("if (place.x == 0)", "if (place.x == 0 && position.y != 1)")
        self.named("written", r"leaves 1 of 3 elements of y unwritten, the first at \[1\]", skips)
        y, _ = row_sums("", skips)
        self.assertTrue(np.isnan(y[1]))

    def test_wrong_lane(self):
        wrong = ("simd_shuffle_xor(x[i], 1)", "simd_shuffle(x[i], lane + 1)")
        self.named("strict", "a shuffle reads a lane that is not there", wrong)
        # Without the mode it is no number, so that no result hides it.
        _, z = row_sums("", wrong)
        self.assertTrue(np.isnan(z[:, 31::32]).all())

    def test_read_past_the_end(self):
        self.named("guard", "touches memory 0 bytes past the end of x", ("z[i] = x[i]", "z[i] = x[i + 1]"))
        self.named("guard", "touches memory [0-9]+ bytes past the end of x", ("z[i] = x[i]", "z[i] = x[i + 128]"))

    def test_write_past_the_end(self):
        self.named("guard", "touches memory 0 bytes past the end of y", ("y[position.y] =", "y[position.y + 1] ="))

    def test_write_before(self):
        self.named("guard", "writes before y", ("y[position.y] =", "(y - 1)[position.y] ="))

    def test_read_before(self):
        # The bytes before a buffer are no numbers.
        y, _ = row_sums("guard", ("simd_sum(x[i])", "simd_sum((x - 1)[i])"))
        self.assertTrue(np.isnan(y[0]))

    def test_input_written(self):
        self.named("guard", "writes into its input x", ("z[i] = x[i]", "z[i] = ((float*)x)[i] *= 2"))

    def test_memory_of_the_threadgroup_is_not_zero(self):
        y, _ = row_sums("", ("if (lane == 0) partial", "if (lane == 0 && simdgroup < 3) partial"))
        self.assertTrue(np.isnan(y).all())

    def test_barrier_that_not_every_thread_reaches(self):
        # Lane 0 waits for all threads, and they for it.
        stuck = ("  threadgroup_barrier", "  if (lane) simd_sum(1.0);\n  threadgroup_barrier")
        self.named("", "a barrier or an operation of a simdgroup that not every thread reaches", stuck)

    def test_barrier_after_an_end(self):
        early = ("  threadgroup_barrier", "  if (place.x > 120) return;\n  threadgroup_barrier")
        self.named("strict", "a threadgroup_barrier after some threads have ended", early)


class Arithmetic(unittest.TestCase):
    def test_orders_of_simd_sum(self):
        sums = [row_sums(f"sum:{order}")[0] for order in ("ascending", "descending", "serial")]
        for i, j in (0, 1), (0, 2), (1, 2):
            self.assertTrue((sums[i] != sums[j]).any())
            np.testing.assert_allclose(sums[i], sums[j], rtol=1e-5, atol=1e-5)

    def of(self, expression: str, modes: str, x: np.ndarray) -> np.ndarray:
        text = f"void each(const device float* x, device float* y, uint3 p) {{ float a = x[p.x]; y[p.x] = {expression}; }}\n"
        call = "MSL_KERNEL(each(msl::buffer<float>(0), msl::buffer<float>(1), msl::position_in_grid()))"
        arguments = [Argument("x", x), Argument("y", shape=x.shape)]
        return launch(translated(text) + call, arguments, (len(x), 1, 1), (32, 1, 1), Modes.parse(modes))["y"]

    def test_contraction(self):
        x = np.linspace(1, 2, 64, dtype=np.float32)
        # What the product is off by is left where the sum is not rounded twice.
        self.assertTrue((self.of("a * a - float(a * a)", "", x) == 0).all())
        apart, together = (self.of("a * a + 1.1", modes, x) for modes in ("", "fma"))
        self.assertTrue((apart != together).any())
        np.testing.assert_allclose(apart, together, rtol=3e-7)

    def test_allowed_error(self):
        x = np.linspace(-20, 20, 4096, dtype=np.float32)
        for function, at, allowed in (
            ("exp", x, (3 + np.floor(np.abs(2 * x))) * 2.0**-23),
            ("log", np.exp(x), None),
        ):
            exact = getattr(np, function)(at.astype(np.float64))
            for modes in "", "fast":
                error = np.abs(self.of(f"metal::fast::{function}(a)", modes, at) - exact)
                limit = np.maximum(2.0**-21, 3 * 2.0**-23 * np.abs(exact)) if allowed is None else allowed * exact
                self.assertTrue((error <= limit * 1.1).all())
                # In the coarse mode half of the allowance is used at least, somewhere.
                self.assertEqual((error > limit * 0.45).any(), modes == "fast")


if __name__ == "__main__":
    unittest.main()
