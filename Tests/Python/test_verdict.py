"""`gdr.verdict`: what `gdr judge` says, for programs."""

import sys

import gdr
import pytest
from recurrence import halved_from_token_3, recurrence

WORKER = f"{sys.executable} -m gdr.workers.worker"


def test_a_function_that_is_right_passes():
    found = gdr.verdict(recurrence, cases=40)
    assert (found["schema"], found["verdict"], found["exit"]) == ("gdr-judge", "passes", 0)
    assert found["findings"] == [] and found["cases"] > 0


def test_a_function_that_is_wrong_fails_and_it_is_said_where():
    found = gdr.verdict(halved_from_token_3, cases=60)
    assert (found["verdict"], found["exit"]) == ("fails", 1)
    assert any("y" in finding["results"] for finding in found["findings"])
    assert found["reasons"]
    with pytest.raises(gdr.Finding):
        eval(found["next"], {"gdr": gdr, "halved_from_token_3": halved_from_token_3})


def test_what_comes_next_is_judged_as_the_verdict_was():
    def by_logarithm(q, k, v, g, beta, state):
        return recurrence(q, k, v, g + 1, beta, state)

    found = gdr.verdict(by_logarithm, cases=60, contract="decay=log", size="small")
    assert found["verdict"] == "fails" and "contract='decay=log'" in found["next"]
    with pytest.raises(gdr.Finding):
        eval(found["next"], {"gdr": gdr, "by_logarithm": by_logarithm})


def test_what_a_function_writes_into_fails_it():
    def kernel(q, k, v, g, beta, state):
        y, S = recurrence(q, k, v, g, beta, state)
        v[...] = 0
        return y, S

    found = gdr.verdict(kernel, cases=40)
    assert found["verdict"] == "fails" and "changed its input v" in str(found["findings"])
    assert gdr.verdict(kernel, cases=40, writes="v")["verdict"] == "passes"


def test_a_command_is_judged_as_it_declares():
    assert gdr.verdict(WORKER, cases=40)["verdict"] == "passes"
    with pytest.raises(gdr.Error, match="says itself what it computes: form"):
        gdr.verdict(WORKER, cases=5, form="sequential")


def test_without_a_verdict_it_is_an_error():
    for options in ({"cases": 5, "law": "no:law"}, {"cases": 5, "size": "huge"}, {"cases": 5, "contrat": "plain"}):
        with pytest.raises(gdr.Error):
            gdr.verdict(recurrence, **options)


def test_a_worker_that_does_not_start_has_a_verdict_too():
    found = gdr.verdict("exit 3", cases=5)
    assert (found["verdict"], found["exit"]) == ("incomplete", 65) and "exit" in str(found["reasons"])
