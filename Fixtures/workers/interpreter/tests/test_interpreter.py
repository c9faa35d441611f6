"""What is put right in Triton's interpreter."""

import unittest
from pathlib import Path

import interpreter

KERNEL = '''
import triton
import triton.language as tl

@triton.autotune([triton.Config({"N": 4}), triton.Config({"N": 8})], key=[])
@triton.jit
def sums(x, y, z, count, N: tl.constexpr):
    i = tl.arange(0, 16)
    a = tl.load(x + i)
    total = a * 0
    for j in range(count):
        total += (a.to(tl.float32) * (1 + j.to(tl.float32))).to(tl.bfloat16)
    tl.store(y + i, total, mask=i < 15)
    tl.store(z + i, a + a * a)
'''


class Interpreter(unittest.TestCase):
    def test_bf16_loops_and_configurations(self):
        if reason := interpreter.missing():
            self.skipTest(reason)
        interpreter.prepare()
        import importlib.util
        import tempfile

        import torch

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "kernel_of_a_test.py"
            path.write_text(KERNEL)
            spec = importlib.util.spec_from_file_location("kernel_of_a_test", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            x = torch.linspace(0.1, 3, 16).bfloat16()
            y, z = torch.full((16,), 7.0).bfloat16(), torch.empty(16).bfloat16()
            module.sums[(1,)](x, y, z, 3)
        expected = x * 0
        for j in range(3):
            expected = expected + (x.float() * (1 + j)).bfloat16()
        expected[15] = 7  # masked
        self.assertTrue(torch.equal(y, expected))
        self.assertTrue(torch.equal(z, x + x * x))

    def test_missing_says_what_to_install(self):
        tried = interpreter.TRIED
        try:
            interpreter.TRIED = {"triton": ("0.0.1",), "fla-core": ("0.6.0",)}
            self.assertRegex(interpreter.missing(), r"tried with other versions: pip install triton==0.0.1 fla-core==0.6.0 ml_dtypes")
        finally:
            interpreter.TRIED = tried


if __name__ == "__main__":
    unittest.main()
