import unittest

from ..modes import Modes
from ..translation import translated


class Translation(unittest.TestCase):
    def test_numbers_are_floats(self):
        for text, expected in (
            ("x * 0.5", "x * 0.5f"), ("1e-6", "1e-6f"), ("1.5f + 2", "1.5f + 2"), (".5", ".5f"), ("a.x1e", "a.x1e"), ("3.", "3.f"), ("0x1e5", "0x1e5"),
            ("v1.2", "v1.2"),
        ):  # fmt: skip
            self.assertEqual(translated(text), expected)

    def test_memory_of_a_threadgroup(self):
        text = translated("threadgroup float a[C * 4][2];\nthreadgroup float* b = a;")
        self.assertTrue(text.startswith("static float a[C * 4][2]; "))
        self.assertTrue(text.endswith("threadgroup float* b = a;"))


class Words(unittest.TestCase):
    def test_modes(self):
        self.assertEqual(Modes.parse(""), Modes())
        self.assertEqual(Modes.parse("checks,ahead:7,sum:serial"), Modes(7, 3, True, True, True, "serial"))
        for wrong in "ahead", "ahead:x", "sum:up", "guard:1", "nothing", "races:-1", ",":
            with self.assertRaises(ValueError):
                Modes.parse(wrong)
