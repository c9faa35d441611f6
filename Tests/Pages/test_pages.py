"""What .ci/tables and .ci/pages notice."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".ci/pages.d"))

from commands import CommandError, Outputs  # noqa: E402
from links import dead_links  # noqa: E402
from printed import ShapeError  # noqa: E402
from regions import RegionError, remade  # noqa: E402
from shapes import SHAPES  # noqa: E402

HELP = """\
gdr 0.0: tests

  gdr fuzz  draw cases, and judge
            them
  gdr init-worker python|cpp
            print a worker
  gdr help  this text

Exit codes:
  0    nothing new
  130  interrupted
""".split("\n")

PAGE = """\
# A page

<!-- table: gdr help | commands -->

|command|what it does|
|---|---|
|`fuzz`|draw cases, and judge them|
|`init-worker`|print a worker|

<!-- end -->
<!-- text, slow: gdr help | exit codes -->
    by hand
<!-- end -->
"""


def outputs():
    known = Outputs("no/such/program")
    known.known["gdr help"] = HELP
    return known


class RegionTests(unittest.TestCase):
    def test_a_page_that_is_right_stays_as_it_is(self):
        self.assertEqual(remade(PAGE, outputs(), set()), (PAGE, 1))

    def test_a_region_of_the_field(self):
        known = outputs()
        known.known[".ci/field --table workers"] = ["|name|", "|---|", "|one|"]
        page = "<!-- table: .ci/field --table workers -->\n<!-- end -->"
        made, count = remade(page, known, set())
        self.assertEqual((made.split("\n")[2:5], count), (["|name|", "|---|", "|one|"], 1))

    def test_what_was_changed_by_hand_comes_back(self):
        for old, new in [("judge them", "judge us"), ("|`fuzz`|draw cases, and judge them|\n", ""), ("|---|---|\n\n", "|---|---|\n")]:
            self.assertEqual(remade(PAGE.replace(old, new), outputs(), set()), (PAGE, 1))

    def test_what_is_slow_is_made_where_it_is_asked_for(self):
        made, count = remade(PAGE, outputs(), {"slow"})
        self.assertEqual(count, 2)
        self.assertIn("    |130|interrupted|", made)
        self.assertNotIn("by hand", made)

    def test_a_region_that_is_none_is_an_error(self):
        for old, new in [("<!-- end -->\n<!-- text", "<!-- text"), ("table:", "table"), ("| commands", "| comands"), ("gdr help", "rm help")]:
            with self.assertRaises((RegionError, CommandError)):
                remade(PAGE.replace(old, new, 1), outputs(), set())

    def test_a_command_that_prints_something_else_is_an_error(self):
        for shape in set(SHAPES) - {"", "first block", "caught", "built in"}:
            with self.assertRaises(ShapeError, msg=shape):
                SHAPES[shape](["something", "else"])

    def test_a_program_that_is_not_there_is_an_error(self):
        with self.assertRaises(CommandError):
            Outputs("no/such/program").lines("gdr list")


class LinkTests(unittest.TestCase):
    def problems(self, text):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder, "Page.md")
            page.write_text("# Page\n\n## A heading, or two\n\n" + text)
            return dead_links(page)

    def test_links_that_lead_somewhere(self):
        for text in ["[a](Page.md)", "[a](#a-heading-or-two)", "[a](Page.md#page)", "`[a](b.md)`", "    [a](b.md)", "```\n[a](b.md)\n```",
                     "[a](https://example.org/b)", "## Topics\n\n- <doc:Page>"]:
            self.assertEqual(self.problems(text), [], text)

    def test_links_that_do_not(self):
        for text in ["[a](b.md)", "[a](#heading)", "[a](Page.md#a)", "![a](b.svg)", "<doc:Page>", "## Topics\n\n- <doc:B>"]:
            self.assertEqual(len(self.problems(text)), 1, text)


if __name__ == "__main__":
    unittest.main()
