"""What memory.py sees, and what it does not make up; on torch where there is one.

python3 -m unittest discover -t Fixtures/workers -s Fixtures/workers/memory/tests
"""

import importlib.util
import unittest

import numpy as np

from .. import mutants
from ..memory import watch


class Mutants(unittest.TestCase):
    def test_each_is_seen_and_named(self):
        for name, (words, _) in mutants.MUTANTS.items():
            with self.subTest(name), np.errstate(all="ignore"):
                seen = mutants.watched(name, mutants.problem(name))[1]
                if words:
                    self.assertTrue(any(words in sentence for sentence in seen), seen)
                else:
                    self.assertEqual(seen, [])

    def test_honest_kernels_have_nothing_on_the_problems_of_all(self):
        for name in mutants.MUTANTS:
            x = mutants.problem(name, seed=1)
            with self.subTest(name):
                self.assertEqual(mutants.watched("honest", x)[1], [])
                if "mask" not in x:
                    self.assertEqual(mutants.watched("honest-engine", x)[1], [])

    def test_results_are_those_of_the_kernel(self):
        x = mutants.problem("honest")
        results, _ = mutants.watched("honest", x)
        for name, tensor in mutants.faulty.rule(x).items():
            self.assertTrue(np.array_equal(results[name], tensor), name)


class Sentences(unittest.TestCase):
    """Of kernels of one line: y = x, but for what they do wrong."""

    def seen(self, kernel, **options):
        x = np.arange(1, 13, dtype=np.float32).reshape(3, 4)
        return watch(kernel, {"x": x}, {"y": x}, **options)[1]

    def test_nothing(self):
        self.assertEqual(self.seen(lambda x, out: out["y"].__setitem__(..., x["x"])), [])

    def test_an_output_that_is_added_to(self):
        def kernel(x, out):
            out["y"] += x["x"]

        self.assertEqual(self.seen(kernel), ["read y before it was written"])

    def test_one_element_is_left(self):
        def kernel(x, out):
            out["y"].flat[:-1] = x["x"].flat[:-1]

        self.assertEqual(self.seen(kernel), ["left 1 element of y unwritten"])
        last = np.zeros((3, 4), bool)
        last[2, 3] = True
        self.assertEqual(self.seen(kernel, excused={"y": last}), [])

    def test_a_result_that_the_kernel_allocated(self):
        def kernel(x, out):
            out["y"][...] = x["x"]
            own = np.empty((5,), np.float16)
            own[2:] = 1
            return {"own": own}

        self.assertEqual(self.seen(kernel), ["left 2 elements of own unwritten"])

    def test_answers_that_move_by_themselves_are_no_reads(self):
        moving = iter(range(1000))

        def kernel(x, out):
            out["y"][...] = x["x"] + next(moving)

        self.assertEqual(self.seen(kernel), [])

    def test_without_gaps_strides_are_those_of_one_block(self):
        def kernel(x, out):
            assert x["x"].flags.c_contiguous
            out["y"][...] = x["x"]

        self.assertEqual(self.seen(kernel, odd=False), [])
        self.assertRaises(AssertionError, self.seen, kernel)

    def test_numpy_is_as_it_was(self):
        empty = np.empty
        self.seen(lambda x, out: out["y"].__setitem__(..., x["x"]))
        self.assertIs(np.empty, empty)


@unittest.skipUnless(importlib.util.find_spec("torch"), "needs torch")
class Torch(unittest.TestCase):
    def seen(self, kernel, dtype="float32"):
        import torch

        x = torch.arange(24, dtype=getattr(torch, dtype)).reshape(2, 3, 4)
        results, seen = watch(kernel, {"k": x}, {"dk": x})
        self.assertEqual(results["dk"].dtype, {"bfloat16": np.uint16, "float16": np.float16}.get(dtype, np.float32))
        return seen

    def test_each_format(self):
        def honest(x, out):
            out["dk"].copy_(x["k"])

        def partly(x, out):
            out["dk"][:, :2] = x["k"][:, :2]

        for dtype in ("float32", "bfloat16", "float16"):
            with self.subTest(dtype):
                self.assertEqual(self.seen(honest, dtype), [])
                self.assertEqual(self.seen(partly, dtype), ["left 8 elements of dk unwritten"])

    def test_reads_and_writes_past_the_end(self):
        import torch

        def reads(x, out):
            rows = torch.as_strided(x["k"], (2, 4, 4), x["k"].stride(), x["k"].storage_offset())
            out["dk"].copy_(x["k"] + 0 * rows[:, 3:])

        def writes(x, out):
            out["dk"].copy_(x["k"])
            torch.as_strided(out["dk"][-1, -1], (4,), (1,), out["dk"][-1, -1].storage_offset() + 4).zero_()

        self.assertEqual(self.seen(reads), ["read what is past the end of k", "read what is past T of k"])
        # Behind the last row lie three elements of its gap, and then that of the axis before.
        self.assertEqual(self.seen(writes), ["wrote 4 values past the end of dk", "wrote 1 value past T of dk", "wrote 3 values past Hk of dk"])

    def test_what_empty_gave(self):
        import torch

        def kernel(x, out):
            share = x["k"].new_empty(x["k"].shape)
            share[0] = 0
            out["dk"].copy_(x["k"] + share + 0 * torch.zeros_like(share))

        self.assertEqual(self.seen(kernel), ["read what empty() gave"])


if __name__ == "__main__":
    unittest.main()
