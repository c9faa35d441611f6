"""The cache, compilers, and what is said where nothing compiles."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

from ..compiler import Failure
from ..launch import launch
from ..modes import Modes

WORKERS = Path(__file__).resolve().parents[2]
PRINT = "from metal.tests.planted import row_sums; y, z = row_sums('ahead:5,sum:serial'); print(y.tobytes().hex(), z.tobytes().hex())"


def started(cache: str, **environment: str) -> subprocess.Popen:
    variables = os.environ | {"GDR_METAL_CACHE": cache} | environment
    return subprocess.Popen([sys.executable, "-c", PRINT], cwd=WORKERS, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


class Cache(unittest.TestCase):
    def test_two_processes_at_once(self):
        with tempfile.TemporaryDirectory() as cache:
            answers = [p.communicate() for p in [started(cache) for _ in range(3)]]
            self.assertEqual({a for a, _ in answers}, {answers[0][0]}, answers)
            self.assertGreater(len(answers[0][0]), 100, answers)
            self.assertEqual(len(list(Path(cache).glob("*.so"))), 1)

    def test_compilers_agree(self):
        found = [c for c in ("clang++", "g++") if shutil.which(c)]
        with tempfile.TemporaryDirectory() as cache:
            answers = [started(cache, CXX=c).communicate() for c in found]
        self.assertEqual({a for a, _ in answers}, {answers[0][0]}, answers)
        self.assertGreater(len(answers[0][0]), 100, answers)

    def test_no_compiler(self):
        with tempfile.TemporaryDirectory() as cache:
            _, said = started(cache, CXX="no-such-compiler").communicate()
        self.assertIn("no-such-compiler is needed to compile Metal kernels", said)

    def test_what_does_not_compile(self):
        with self.assertRaisesRegex(Failure, "the kernel does not compile: ."):
            launch("nonsense;", [], (1, 1, 1), (1, 1, 1), Modes())


if __name__ == "__main__":
    unittest.main()
