"""What pytest sees of it."""

import os

import pytest

TEST = """
import gdr
from recurrence import halved_from_token_3, recurrence

def test_right():
    print("cases:", gdr.judge(recurrence, cases=4).cases)

def test_wrong():
    gdr.judge(halved_from_token_3, cases=100)
"""


@pytest.fixture
def suite(pytester, monkeypatch, request):
    monkeypatch.setenv("PYTHONPATH", str(request.path.parent), prepend=os.pathsep)
    pytester.makepyfile(test_kernel=TEST)
    return lambda *options: pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)


def test_a_finding_fails_its_test_with_a_short_text(suite):
    result = suite("-rA")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["gdr: *, profile ci, seed 1", "E * y: 0.5 times what it should be, at tokens from 3 on"])
    # The frames of this package say nothing: the test's line and the message do.
    result.stdout.no_fnmatch_line("*judging.py*")


def test_findings_are_saved_beside_the_tests_and_judged_first(suite, pytester):
    suite("-k", "wrong")
    saved = list((pytester.path / "gdr-corpus" / "found").glob("*@test_kernel.test_wrong.json"))
    assert len(saved) == 1
    assert str(pytester.path) not in saved[0].read_text(), "no path of one machine"
    result = suite("-k", "wrong", "--gdr-seed", "2", "--gdr-profile", "quick")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*, profile quick, seed 2", "E*@gdr.example*"])


def test_where_nothing_is_found_nothing_is_written(suite, pytester):
    suite("-k", "right").assert_outcomes(passed=1)
    assert not (pytester.path / "gdr-corpus").exists()


def test_a_profile_says_how_many_cases(suite):
    suite("-k", "right", "-s", "--gdr-profile", "quick").stdout.fnmatch_lines(["*cases: 1"])
    suite("-k", "right", "-s").stdout.fnmatch_lines(["*cases: 4"])


def test_a_night_has_other_cases_and_more_of_them(suite):
    result = suite("-k", "right", "-s", "--gdr-profile", "nightly")
    result.stdout.fnmatch_lines(["*profile nightly, seed 20??????", "*cases: 400"])


def test_junit_has_the_recipe(suite, pytester):
    suite("--junitxml", "report.xml")
    report = (pytester.path / "report.xml").read_text()
    assert 'name="gdr.recipe" value="v1/' in report and 'failures="1"' in report
