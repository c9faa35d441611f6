"""What .ci/field does with its list, its shards and an interruption, and what it says where something is wrong."""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = Path(__file__).resolve().with_name("stand_in.py")

sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / ".ci/field.d"))
sys.path.insert(0, str(ROOT / ".ci/pages.d"))

from confirmations import confirmations  # noqa: E402
from readings import of_map  # noqa: E402
from replays import replayed  # noqa: E402
from report import lines, script  # noqa: E402
from rows import rows  # noqa: E402
from workers import ListError, workers  # noqa: E402

LOADER = importlib.machinery.SourceFileLoader("field_command", str(ROOT / ".ci/field"))
COMMAND = importlib.util.module_from_spec(importlib.util.spec_from_loader("field_command", LOADER))
LOADER.exec_module(COMMAND)

ENTRY = {"name": "one", "library": "nothing", "function": "rule", "command": "python3 worker.py", "probe": "echo 1.2"}


def folder_of(test):
    """One that goes with the test."""
    folder = tempfile.TemporaryDirectory()
    test.addCleanup(folder.cleanup)
    return Path(folder.name)


class FieldTests(unittest.TestCase):
    def setUp(self):
        self.folder = folder_of(self)
        self.list([ENTRY])

    def list(self, entries):
        (self.folder / "workers.json").write_text(json.dumps(entries))

    def command(self, *arguments):
        return [sys.executable, str(ROOT / ".ci/field"), "--workers", str(self.folder / "workers.json"), "--rows", str(self.folder / "rows"),
                "--into", str(self.folder / "into"), *arguments]  # fmt: skip

    def field(self, *arguments, **more):
        environment = os.environ | {"GDR": str(STAND_IN)} | more
        return subprocess.run(self.command(*arguments), env=environment, capture_output=True, text=True, timeout=60)

    def said(self, *arguments, **more):
        """The same in this process, for what ends before anything is run: (exit code, standard output, standard error)."""
        out, error, place = io.StringIO(), io.StringIO(), os.getcwd()
        with mock.patch.dict(os.environ, {"GDR": str(STAND_IN)} | more), mock.patch("sys.argv", self.command(*arguments)[1:]):
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
                try:
                    code = COMMAND.main()
                except SystemExit as end:
                    code = end.code
        os.chdir(place)
        return code, out.getvalue(), error.getvalue()

    def row(self, name="one"):
        return rows(self.folder / "rows")[name]

    def test_a_run_writes_its_row(self):
        done = self.field("--cases", "40")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("one: 40 cases", done.stdout)
        row = self.row()
        self.assertEqual((row["cases"], row["agrees"], row["disagrees"], row["version"]), (40, 36, 4, "1.2"))
        self.assertEqual(row["map"], "T: wrong from 64 on")

    def test_shards_in_any_order_come_to_the_same_row(self):
        self.field("--cases", "40")
        whole = self.row()
        (self.folder / "rows/nothing/one.json").unlink()
        for shard in ("3/3", "1/3"):
            self.assertIn("missing", self.field("--cases", "40", "--shard", shard).stdout)
            self.assertFalse((self.folder / "rows/nothing/one.json").exists())
        self.field("--cases", "40", "--shard", "2/3")
        for key in ("cases", "agrees", "disagrees", "failures"):
            self.assertEqual(self.row()[key], whole[key])

    def test_a_killed_run_goes_on_where_it_was(self):
        environment = os.environ | {"GDR": str(STAND_IN), "STAND_IN_PAUSE": "0.02"}
        process = subprocess.Popen(self.command("--cases", "40"), env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
        state = self.folder / "into/one/cases-40-seed-1-of-1/1.json"
        while not state.exists() or json.loads(state.read_text())["done"] < 5:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        met = json.loads(state.read_text())["done"]
        self.assertLess(met, 40)
        self.assertIn("one: 40 cases", self.field("--cases", "40").stdout)
        starts = state.with_name("starts").read_text().split()
        self.assertEqual(starts, ["0", str(met)])

    def test_a_second_run_waits_for_a_gdr_that_was_left_behind(self):
        environment = os.environ | {"GDR": str(STAND_IN), "STAND_IN_PAUSE": "0.02"}
        process = subprocess.Popen(self.command("--cases", "40"), env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
        state = self.folder / "into/one/cases-40-seed-1-of-1/1.json"
        while not state.exists():
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)  # this process alone
        process.wait()
        self.assertIn("one: 40 cases", self.field("--cases", "40").stdout)
        # What was left behind came to the end, and the second run found it there.
        self.assertEqual(state.with_name("starts").read_text().split(), ["0", "40"])

    def test_what_ended_is_not_run_again(self):
        self.field("--cases", "40")
        self.field("--cases", "40")
        self.assertEqual((self.folder / "into/one/cases-40-seed-1-of-1/starts").read_text().split(), ["0"])

    def test_what_cannot_run_here_is_said_in_one_line(self):
        self.list([
            ENTRY | {"name": "absent", "probe": ""}, ENTRY | {"name": "broken", "command": "fail"}, ENTRY,
            ENTRY | {"name": "elsewhere", "needs": "gpu"},
        ])  # fmt: skip
        done = self.field("--cases", "4", PATH=f"{self.folder}:{Path(sys.executable).parent}:/usr/bin:/bin")
        said = [line for line in done.stdout.split("\n") if "not run" in line]
        self.assertEqual(done.returncode, 0)
        self.assertEqual(said[0], "absent: not run: nothing not installed for python3")
        self.assertIn("broken: not run: gdr fuzz: exit code 65: the worker left", said[1])
        self.assertIn("one: 4 cases", done.stdout)
        if said[2:]:
            self.assertEqual(said[2], "elsewhere: not run: needs a GPU of NVIDIA")

    def test_a_bad_list_is_one_line_and_65(self):
        for entries, reason in (
            ({}, "not a list of workers"), ([], "not a list"), ([3], "entry 1: not an object"), ([ENTRY | {"speed": "1"}], "no such key: speed"),
            ([{k: v for k, v in ENTRY.items() if k != "command"}], "no command"), ([ENTRY | {"needs": "luck"}], "needs: luck"),
            ([ENTRY | {"name": "../one"}], "small letters"), ([ENTRY, ENTRY], "one is there twice"), ([ENTRY | {"packages": "x"}], "packages"),
        ):  # fmt: skip
            self.list(entries)
            code, out, error = self.said("--list")
            self.assertEqual((code, out), (65, ""))
            self.assertIn(reason, error)
            self.assertEqual(len(error.strip().split("\n")), 1)
        (self.folder / "workers.json").write_text("[")
        self.assertEqual(self.said("--list")[0], 65)

    def test_wrong_usage_is_one_line_and_64(self):
        for arguments in (
            ("--for", "long"), ("--cases", "0"), ("--for", "1m", "--cases", "3"), ("--shard", "3/2"), ("--shard", "0/2"), ("--seed", "x"),
            ("--table", "nothing"), ("--list", "one"), ("--list", "--confirm"), ("--strange",),
        ):  # fmt: skip
            code, _, error = self.said(*arguments)
            self.assertEqual(code, 64, arguments)
            self.assertEqual(len(error.strip().split("\n")), 1, arguments)
        self.assertEqual(self.said("two")[0], 65)
        self.assertEqual(self.said("--cases", "3", GDR="no/such/program")[0], 64)

    def test_a_row_that_is_none_is_65(self):
        self.field("--cases", "4")
        path = self.folder / "rows/nothing/one.json"
        path.write_text(path.read_text().replace('"cases": 4', '"cases": "four"'))
        code, _, error = self.said("--table", "workers")
        self.assertEqual(code, 65)
        self.assertIn('cases: "four"', error)


class ListTests(unittest.TestCase):
    def test_the_projects_own_list(self):
        listed = workers(ROOT / ".ci/field.d/workers.json")
        names = {w.name for w in listed}
        self.assertTrue(set(rows(ROOT / "Fixtures/field")) <= names)
        for one in confirmations(ROOT / "Fixtures/confirm"):
            self.assertTrue(set(one.workers) <= names, one.path)

    def test_a_replay_waits_as_long_as_a_run(self):
        folder = folder_of(self)
        (folder / "gdr").write_text('#!/bin/sh\n[ "$5 $6" = "--deadline 10m" ] || exit 2\n')
        (folder / "gdr").chmod(0o755)
        for flags, as_recorded in (("--size small --deadline 10m", True), ("--size small", False)):
            (folder / "workers.json").write_text(json.dumps([ENTRY | {"flags": flags}]))
            (one,) = workers(folder / "workers.json")
            self.assertEqual(replayed(str(folder / "gdr"), folder / "case.json", {}, one)[1], as_recorded, flags)

    def test_where_it_is_safe(self):
        for sentences, said in (
            (["agrees everywhere", "agrees everywhere"], "everywhere"),
            (["agrees everywhere", "agrees where evaluated, where 1 % off would agree too, 1 of 8 places not evaluated"], "where evaluated"),
            (["agrees from 3 on, wrong below, 2 of 5 places not evaluated", "not evaluated"], "T: agrees from 3 on, wrong below"),
        ):  # fmt: skip
            self.assertEqual(of_map({"lines": [{"axis": "T", "sentence": s} for s in sentences]}), said)


class ConfirmationTests(unittest.TestCase):
    TEXT = '"""The sum is wrong.\n\nlibrary: pip 1.0\nfunction: pip.sum\nkind: bug\nknown: no\nrecipe: none, a test\n{more}\nMend it.\n"""\n\nimport sys\n\n'

    def said(self, body, more=""):
        folder = folder_of(self)
        (folder / "pip").mkdir()
        path = folder / "pip/sum.py"
        path.write_text(self.TEXT.format(more=more) + body)
        return confirmations(folder)[0]

    def test_there_mended_broken(self):
        shown = "print('expected 1')\nprint('actual   2')\n"
        self.assertTrue(self.said(shown + "sys.exit(1)").said()[0].startswith("still there  sum: pip "))
        line, as_recorded = self.said(shown + "sys.exit(0)").said()
        self.assertTrue(line.startswith("mended       sum: in pip "))
        self.assertFalse(as_recorded)
        # An exception has the same exit code as a bug.
        self.assertTrue(self.said("raise ValueError('no')").said()[0].startswith("broken"))
        self.assertTrue(self.said(shown + "sys.exit(3)").said()[0].startswith("broken"))
        self.assertEqual(self.said("print('needs luck')\nsys.exit(77)").said(), ("not run      sum: needs luck", True))

    def test_what_is_not_installed_is_not_run(self):
        one = self.said("sys.exit(1)")
        object.__setattr__(one, "library", "no-such-package-at-all 1.0")
        self.assertEqual(one.said(), ("not run      sum: no-such-package-at-all is not installed for python3", True))

    def test_a_docstring_that_does_not_say_enough(self):
        with self.assertRaisesRegex(ListError, "speed"):
            self.said("", "speed: 3\n")
        folder = folder_of(self)
        (folder / "a").mkdir()
        (folder / "a/b.py").write_text('"""A title."""\n')
        with self.assertRaisesRegex(ListError, "does not say 'library:'"):
            confirmations(folder)

    def test_a_report_has_the_program_and_what_it_printed(self):
        one = self.said("print('expected 1, actual 2')\nsys.exit(1)")
        text = "\n".join(lines(one, *one.outcome(), "1.0", "Python 3"))
        self.assertTrue(text.startswith("### `pip.sum`: The sum is wrong\n"))
        self.assertIn("```text\nexpected 1, actual 2\n```", text)
        self.assertIn("Mend it.", text)
        self.assertNotIn("recipe", text)
        self.assertTrue(script(one.path).startswith("import sys"))


if __name__ == "__main__":
    unittest.main()
