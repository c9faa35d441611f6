"""What a kernel does to memory that is not its own: its inputs, and what it answered before."""

import gdr
import numpy as np
import pytest
from recurrence import recurrence


def writing_into_q(q, k, v, g, beta, state):
    y, S = recurrence(q, k, v, g, beta, state)
    q[...] = 7
    return y, S


def test_a_kernel_that_writes_into_its_inputs_is_found():
    with pytest.raises(gdr.Finding, match="memory: changed its input q; its numbers agree all the same") as caught:
        gdr.judge(writing_into_q, cases=40)
    assert 'if it may: writes="q"' in str(caught.value)
    assert caught.value.recipe.startswith("v1/")


def test_what_it_may_write_into_is_said():
    gdr.judge(writing_into_q, cases=20, writes="q")
    with pytest.raises(gdr.Finding, match="changed its input q"):
        gdr.judge(writing_into_q, cases=40, writes="k,state")
    with pytest.raises(gdr.Error, match="writes names inputs, or outputs, not weights"):
        gdr.judge(writing_into_q, cases=5, writes="weights")


def test_a_saved_case_says_it_too():
    recipe = "v1/B1-T4-Hk1-Hv1-Dk2-Dv3/keys=random/decay=-0.1/write=0.5/f32/seed=7"
    with pytest.raises(gdr.Finding, match="changed its input q") as caught:
        gdr.judge(writing_into_q, examples=[recipe], cases=5)
    assert caught.value.recipe == recipe


@pytest.mark.parametrize("is_view", [False, True])
def test_answers_in_one_buffer_are_found(is_view):
    """The same object every time, or views of one block: right when it is returned, and gone with the next call."""
    block = np.zeros(1 << 16, np.float32)
    by_shape = {}

    def kernel(q, k, v, g, beta, state):
        y, S = recurrence(q, k, v, g, beta, state)
        buffer = block[: y.size].reshape(y.shape) if is_view else by_shape.setdefault(y.shape, y.copy())
        buffer[...] = y
        return buffer, S

    with pytest.raises(gdr.Finding, match="memory: wrote over y of an earlier call"):
        gdr.judge(kernel, cases=100)
    gdr.judge(kernel, cases=40, writes="outputs")


def test_fresh_answers_and_views_of_fresh_memory_are_not():
    def kernel(q, k, v, g, beta, state):
        y, S = recurrence(q, k, v, g, beta, state)
        both = np.concatenate([y.ravel(), S.ravel()])
        return both[: y.size].reshape(y.shape), both[y.size :].reshape(S.shape)

    assert gdr.judge(kernel, cases=60).passed > 20


def test_torch_kernels_are_watched():
    torch = pytest.importorskip("torch")

    def kernel(q, k, v, g, beta, state):
        y, S = (torch.tensor(t) for t in recurrence(*(t.float().detach().numpy() for t in (q, k, v, g, beta)), state if state is None else state.detach().numpy()))
        with torch.no_grad():
            g.mul_(0.5)
        return y.to(v.dtype), S

    with pytest.raises(gdr.Finding, match="changed its input g"):
        gdr.judge(kernel, cases=40, gradients="none", arrays="torch")
