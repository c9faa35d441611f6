"""Torch kernels: gradients by autograd, in the types of the cases."""

import gdr
import pytest

torch = pytest.importorskip("torch")
HONEST = pytest.importorskip("honest").KERNELS


def recurrence(q, k, v, g, beta, state=None):
    B, T, Hk, Dk = q.shape
    Hv, Dv = v.shape[2:]
    q, k = (x.repeat_interleave(Hv // Hk, dim=2).to(g.dtype) for x in (q, k))
    S = torch.zeros(B, Hv, Dv, Dk, dtype=g.dtype) if state is None else state
    ys = []
    for t in range(T):
        S = S * g[:, t, :, None, None]
        e = v[:, t].to(g.dtype) - (S @ k[:, t, :, :, None])[..., 0]
        S = S + (beta[:, t, :, None].to(g.dtype) * e)[..., None] * k[:, t, :, None, :]
        ys.append((S @ q[:, t, :, :, None])[..., 0])
    return torch.stack(ys, 1).to(v.dtype), S


def test_gradients_come_from_autograd():
    types = set()

    def kernel(q, k, v, g, beta, state):
        types.add(q.dtype)
        return recurrence(q, k, v, g, beta, state)

    assert gdr.judge(kernel, cases=300).passed > 100
    assert types == {torch.float32, torch.bfloat16, torch.float16}


def test_a_gradient_that_is_cut_is_found():
    def kernel(q, k, v, g, beta, state):
        return recurrence(q, k, v, g, beta.detach(), state)

    with pytest.raises(gdr.Finding, match=r"disagrees: dbeta\["):
        gdr.judge(kernel, cases=40)


def test_gradients_that_are_all_cut_are_no_success():
    def kernel(q, k, v, g, beta, state):
        with torch.no_grad():
            return recurrence(q, k, v, g, beta, state)

    with pytest.raises(gdr.Unhealthy, match="never answered"):
        gdr.judge(kernel, cases=40)
    assert gdr.judge(kernel, cases=40, gradients="none").passed > 10


def test_in_fp64_a_wrong_formula_is_told_from_an_unstable_one():
    def kernel(q, k, v, g, beta, state):
        y, S = recurrence(q, k, v, g, beta, state)
        return y * 1.01, S

    with pytest.raises(gdr.Finding, match="wrong formula"):
        gdr.judge(kernel, cases=40, double=True, formats="f32")


def test_threads_of_the_test_stay_as_they_are():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    gdr.judge(recurrence, cases=5)
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", HONEST)
def test_a_kernel_that_is_right_is_not_found_wrong(name):
    kernel, options = HONEST[name]
    assert gdr.judge(kernel, cases=60, seed=3, **options).passed > 20
