"""The kernels in the headers of an installed MLX, against the recurrence of worker.py: what is known of them comes out, and a planted fault too."""

import importlib.util
import unittest
from unittest.mock import patch

import numpy as np

import worker

from ..compiler import Failure
from ..modes import Modes

gated_delta = headers = mx = None


def setUpModule():
    global gated_delta, headers, mx
    if importlib.util.find_spec("mlx") is None:
        raise unittest.SkipTest("mlx is not installed")
    import mlx.core as mx

    mx.set_default_device(mx.cpu)
    from .. import headers

    try:
        headers.include(), headers.text("gated_delta_update.h")
    except ImportError as reason:
        raise unittest.SkipTest(str(reason)) from None
    from .. import gated_delta


def drawn(T: int, least: float = 0.5, B: int = 1, Hk: int = 1, Hv: int = 2, Dk: int = 32, Dv: int = 16) -> dict[str, np.ndarray]:
    random = np.random.default_rng(T)
    normal = lambda *shape: random.standard_normal(shape).astype(np.float32)
    return {
        "q": normal(B, T, Hk, Dk), "k": normal(B, T, Hk, Dk) * np.float32(Dk**-0.5), "v": normal(B, T, Hv, Dv), "state_in": normal(B, Hv, Dv, Dk),
        "g": random.uniform(least, 2 * least, (B, T, Hv)).astype(np.float32), "beta": random.uniform(0, 1, (B, T, Hv)).astype(np.float32),
        "dy": normal(B, T, Hv, Dv), "dstate_out": normal(B, Hv, Dv, Dk),
    }  # fmt: skip


def expected(x: dict) -> dict[str, np.ndarray]:
    return worker.evaluate(x, {"arithmetic": "double", "gradients": "yes"})


def call(x: dict, modes: str = ""):
    return gated_delta.Call(x, mx.float32, Modes.parse(modes))


class Kernels(unittest.TestCase):
    def near(self, found: np.ndarray, right: np.ndarray, name: str):
        self.assertTrue(np.abs(found - right).max() <= 3e-5 * (1 + np.abs(right).max()), name)

    def test_forward(self):
        for T in 1, 8, 9, 35:
            for modes in "", "checks", "ahead:5,sum:descending":
                x = drawn(T, B=2, Hv=4, Hk=2)
                right = expected(x)
                for function in gated_delta.chunked, gated_delta.neural, lambda c: gated_delta.sequential(c, keep=True):
                    found = function(call(x, modes))
                    self.near(found["y"], right["y"], f"y, T {T}, {modes}")
                    self.near(found["state_out"], right["state_out"], f"state_out, T {T}, {modes}")

    def test_gradients(self):
        for modes in "", "checks":
            x = drawn(19, B=2, Hv=4, Hk=2)
            right = expected(x)
            for function in gated_delta.gradients, gated_delta.neural_gradients:
                for name, found in function(call(x, modes)).items():
                    self.near(found, right[name], f"{function.__name__}, {name}, {modes}")

    def test_floor_of_the_chunked_kernels(self):
        x = drawn(9, least=1e-12)
        raised = expected(x | {"g": np.maximum(x["g"], np.float32(1e-6))})
        size = np.abs(x["state_in"]).max()
        for function in gated_delta.chunked, gated_delta.neural:
            y = function(call(x))["y"][:, 0]
            self.assertTrue(np.abs(y - raised["y"][:, 0]).max() < 1e-6 * size)
        # One token of no decay at all shows it: S g is 1e-6 S where it should be nothing.
        silent = {n: np.zeros_like(t) if n in ("v", "g") else t for n, t in x.items()}
        self.assertTrue((gated_delta.sequential(call(silent), keep=False)["y"] == 0).all())
        self.assertTrue((gated_delta.chunked(call(silent))["y"][:, 0] != 0).all())

    def test_gate_in_the_format_of_q(self):
        if not hasattr(mx.fast, "gated_delta_update"):
            self.skipTest("this mlx has no mx.fast.gated_delta_update")
        x = {n: mx.array(t) for n, t in drawn(64, least=0.499).items()}
        narrow = [x[n].astype(mx.bfloat16) for n in "qkv"]
        of = lambda g: np.array(mx.fast.gated_delta_update(*narrow, g, x["beta"].astype(mx.bfloat16), x["state_in"])[1])
        np.testing.assert_array_equal(of(x["g"]), of(x["g"].astype(mx.bfloat16).astype(mx.float32)))


class Planted(unittest.TestCase):
    def run_with(self, modes: str, right: str, wrong: str):
        text = headers.text("gated_delta_update.h")
        self.assertIn(right, text)
        with patch.object(headers, "text", lambda _: text.replace(right, wrong)):
            return gated_delta.chunked(call(drawn(19), modes))

    def test_missing_barrier(self):
        # A lane reads what its fellows have not written yet: poison, whatever the order.
        for modes in "", "ahead:2":
            found = self.run_with(modes, "simdgroup_barrier(mem_flags::mem_threadgroup);", "")
            self.assertFalse(np.abs(found["y"] - expected(drawn(19))["y"]).max() < 1e-3)

    def test_unwritten_row(self):
        with self.assertRaisesRegex(Failure, "elements of y unwritten"):
            self.run_with("written", "if (fm < valid_rows) {", "if (fm < valid_rows - 1) {")

    def test_read_past_the_end(self):
        with self.assertRaisesRegex(Failure, "touches memory [0-9]+ bytes past the end of [qkvg]"):
            self.run_with("guard", "PROCESS_CHUNK_SG(true, S_tile, short(T - t))", "PROCESS_CHUNK_SG(false, S_tile, C)")


if __name__ == "__main__":
    unittest.main()
