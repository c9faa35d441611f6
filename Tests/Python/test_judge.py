"""What `gdr.judge` says of kernels that are right, and of kernels that are wrong."""

import gdr
import numpy as np
import pytest
from recurrence import halved_from_token_3, recurrence


def test_an_honest_kernel_passes_and_most_cases_are_judged_that_it_takes():
    outcome = gdr.judge(recurrence, cases=60)
    assert outcome.cases == 60 and outcome.passed + outcome.refused == 60 and outcome.passed >= 20


def test_a_closure_is_called_in_this_process():
    shapes = []

    def kernel(q, k, v, g, beta, state):
        shapes.append(q.shape)
        return recurrence(q, k, v, g, beta, state)

    gdr.judge(kernel, cases=20)
    assert len(shapes) > 5


def test_a_finding_is_the_message_and_can_be_kept():
    with pytest.raises(gdr.Finding) as caught:
        gdr.judge(halved_from_token_3, cases=100)
    text = str(caught.value)
    assert "y: 0.5 times what it should be, at tokens from 3 on" in text
    assert "-T4-" in caught.value.recipe, "it takes four tokens to see it"
    assert f'@gdr.example("{caught.value.recipe}")' in text
    assert "the failure depends on" in text and len(text.splitlines()) < 25


def test_an_example_comes_first():
    calls = []

    def kernel(q, k, v, g, beta, state):
        calls.append(q.shape)
        return halved_from_token_3(q, k, v, g, beta, state)

    recipe = "v1/B1-T4-Hk1-Hv1-Dk2-Dv3/keys=random/decay=-0.1/write=0.5/f32/seed=7"

    @gdr.example(recipe)
    def test():
        gdr.judge(kernel, cases=100)

    with pytest.raises(gdr.Finding) as caught:
        test()
    assert caught.value.recipe == recipe
    assert calls[0] == (1, 4, 1, 2), "it is asked first; what else is asked is to explain it"
    assert "y: 0.5 times what it should be" in str(caught.value)


def test_an_example_that_is_refused_is_no_success():
    def kernel(q, k, v, g, beta):
        return recurrence(q, k, v, g, beta)

    with pytest.raises(gdr.Error, match="takes no state"):
        gdr.judge(kernel, examples=["v1/B1-T4-Hk1-Hv1-Dk2-Dv3/keys=equal/decay=none/write=0.5/state=random/f32/seed=0"], cases=10)


def test_outputs_alone_are_judged_without_gradients_and_gradients_where_they_are_returned():
    def kernel(q, k, v, g, beta, state, mask, dy, dstate_out):
        y, S = recurrence(q, k, v, g, beta, state, mask)
        return {"y": y, "state": S} if dy is None and dstate_out is None else {"y": y, "state": S, "dv": np.zeros_like(y)}

    gdr.judge(recurrence, cases=40)
    with pytest.raises(gdr.Finding, match=r"disagrees: dv\["):
        gdr.judge(kernel, cases=40, gradients="dv")


def test_a_contract_is_the_rule_that_is_judged():
    def kernel(q, k, v, g, beta, state):
        y, S = recurrence(q, k, v, np.exp(g), beta, None if state is None else state.swapaxes(-1, -2))
        return y, S.swapaxes(-1, -2)

    assert gdr.judge(kernel, contract="gate=softplus,decay=log,layout=kv", cases=60).passed > 10
    with pytest.raises(gdr.Finding):
        gdr.judge(kernel, cases=60)


def test_the_same_seed_is_the_same_run():
    assert gdr.judge(recurrence, cases=30, seed=5) == gdr.judge(recurrence, cases=30, seed=5)


def test_channels_and_formats_are_chosen():
    def kernel(q, k, v, g, beta, state):
        assert g.ndim == 4 and q.dtype == np.float32
        B, T, Hk, Dk = q.shape
        S = np.zeros((B, v.shape[2], v.shape[3], Dk), np.float32) if state is None else state
        y = np.zeros_like(v)
        q, k = (np.repeat(x, v.shape[2] // Hk, axis=2) for x in (q, k))
        for t in range(T):
            S = S * g[:, t, :, None, :]
            S = S + beta[:, t, :, None, None] * (v[:, t, :, :, None] - (S * k[:, t, :, None]).sum(-1, keepdims=True)) * k[:, t, :, None]
            y[:, t] = (S * q[:, t, :, None]).sum(-1)
        return y, S

    assert gdr.judge(kernel, decay_per="channel", families="Hk1-Hv2-Dk8-Dv4/f32", cases=100).passed > 5
