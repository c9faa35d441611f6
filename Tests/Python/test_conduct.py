"""Kernels that do not simply answer, and runs that prove nothing: never a success."""

import os
import signal
import stat
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import gdr
import pytest
from recurrence import recurrence


def test_what_a_kernel_raises_is_the_finding_and_its_cause():
    def kernel(q, k, v, g, beta, state):
        if q.shape[1] > 2:
            raise ValueError("three tokens are too many")
        return recurrence(q, k, v, g, beta, state)

    with pytest.raises(gdr.Finding, match="it raised ValueError: three tokens are too many") as caught:
        gdr.judge(kernel, cases=40)
    assert "-T3-" in caught.value.recipe
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_kernel_that_hangs_is_ended_and_named():
    def kernel(q, k, v, g, beta, state):
        while q.shape[1] > 4:
            time.sleep(0.01)
        return recurrence(q, k, v, g, beta, state)

    start = time.monotonic()
    with pytest.raises(gdr.Finding, match="gave no answer within 0.5 s") as caught:
        gdr.judge(kernel, cases=40, deadline=0.5)
    assert caught.value.recipe.startswith("v1/")
    assert time.monotonic() - start < 20


def test_an_alarm_that_is_set_already_stays():
    """As pytest-timeout sets one."""
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(True))
    signal.setitimer(signal.ITIMER_REAL, 300)
    try:
        gdr.judge(recurrence, cases=10)
        assert 200 < signal.getitimer(signal.ITIMER_REAL)[0] < 300
        signal.raise_signal(signal.SIGALRM)
        assert rung == [True]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_kernel_is_judged_in_whichever_thread_asks():
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(gdr.judge, recurrence, cases=10).result().passed > 0


def test_a_long_path_of_temporary_files_is_no_trouble(tmp_path, monkeypatch):
    deep = tmp_path / ("d" * 90)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    gdr.judge(recurrence, cases=5)


def test_an_interrupt_goes_through_and_ends_the_binary(monkeypatch):
    started, popen = [], subprocess.Popen

    def spy(*arguments, **options):
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", spy)

    def kernel(q, k, v, g, beta, state):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gdr.judge(kernel, cases=10)
    assert started and started[-1].poll() is not None


def test_a_kernel_may_print(capfd):
    def kernel(q, k, v, g, beta, state):
        print("from Python")
        os.write(1, b"from below\n")
        return recurrence(q, k, v, g, beta, state)

    gdr.judge(kernel, cases=10)
    written = capfd.readouterr().out
    assert "from Python" in written and "from below" in written


@pytest.mark.parametrize(
    "wrong", [lambda y, S: None, lambda y, S: (y.astype(int), S), lambda y, S: (y, S, S), lambda y, S: "text", lambda y, S: y[..., :0]]
)
def test_what_is_no_result_is_a_finding(wrong):
    def kernel(q, k, v, g, beta, state):
        return wrong(*recurrence(q, k, v, g, beta, state))

    with pytest.raises(gdr.Finding):
        gdr.judge(kernel, cases=10)


def test_where_all_is_refused_nothing_is_proved():
    def kernel(q, k, v, g, beta, state):
        raise gdr.Refusal("not today")

    with pytest.raises(gdr.Error, match="not today|refused all"):
        gdr.judge(kernel, cases=30)


def test_gradients_that_never_come_are_no_success():
    with pytest.raises(gdr.Unhealthy, match="never answered"):
        gdr.judge(recurrence, gradients="all", cases=40)


def test_arguments_that_mean_nothing_are_errors():
    for options in (
        {"contract": "gate=square"}, {"form": "chunky"}, {"roundings": "q:f8"}, {"gradients": "some"}, {"size": "huge"}, {"formats": "f64"},
        {"families": "Hk2"}, {"law": "no:law"}, {"arrays": "jax"}, {"examples": ["v1/nonsense"]}, {"clamp": "maybe"}, {"decay_per": "row"},
    ):  # fmt: skip
        with pytest.raises(gdr.Error):
            gdr.judge(recurrence, cases=5, **options)
    with pytest.raises(gdr.Error, match="takes weights, which no case has"):
        gdr.judge(lambda q, k, v, g, beta, weights: None, cases=5)


@pytest.mark.parametrize("code", [0, 2, 3, 4, 64, 70, 139])
def test_no_exit_code_of_the_binary_is_taken_for_a_success(code, tmp_path, monkeypatch):
    """Not even 0, where it wrote no record."""
    stub = tmp_path / "gdr"
    stub.write_text(f"#!/bin/sh\necho something happened >&2\nexit {code}\n")
    stub.chmod(stub.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("GDR", str(stub))
    with pytest.raises(gdr.Error, match="something happened"):
        gdr.judge(recurrence, cases=5)
