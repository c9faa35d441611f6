"""Faulty kernels on the tensors of a plain problem, and the honest one. Each stands for a bug of a public kernel (mutants.py names it), in the
rule of numpy_worker.py: what it does not get right is where it reads and writes. A kernel of pointers is written with views that no array has.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided

import numpy_worker

BLOCK = 16  # tokens of a tile


def rule(x, wants_gradients=True):
    return numpy_worker.evaluate(x, {"arithmetic": "double" if x["v"].dtype == np.float64 else "working",
                                     "gradients": "yes" if wants_gradients else "no"})  # fmt: skip


def honest(x, out):
    store(rule(x, "dq" in out), out)


def store(results, out):
    for name in out.keys() & results.keys():
        out[name][...] = results[name]


def beyond(tensor, axis, count):
    """A tensor with so many places along an axis, as strides alone say where they lie."""
    shape = list(tensor.shape)
    shape[axis] = max(count, shape[axis])
    return as_strided(tensor, shape, tensor.strides)


def packed(tensor, shape=None):
    """What lies from the first element on, as if a tensor of this shape were one block."""
    shape = shape or tensor.shape
    return as_strided(tensor, shape, [tensor.itemsize * int(np.prod(shape[axis + 1 :])) for axis in range(len(shape))])


def nothing_of(values):
    """What a sum gains by values whose weight is zero: NaN, if one is."""
    return 0 * values.sum() if values.size else 0


def tiles(T):
    return -(-T // BLOCK) * BLOCK


def power_of_two(n):
    return 1 << (n - 1).bit_length()


def reads_rows_past_T(name):
    """A tile takes its whole number of tokens; those past T have weight zero."""

    def kernel(x, out):
        T = x["v"].shape[1]
        results = rule(x, "dq" in out)
        results["y"] = results["y"] + nothing_of(beyond(x[name], 1, tiles(T))[:, T:])
        store(results, out)

    return kernel


def reads_columns_past(name):
    """A row is taken in one block of a power of two columns, without a mask."""

    def kernel(x, out):
        results, width = rule(x, "dq" in out), x[name].shape[-1]
        if x[name].ndim == 4:
            results["y"] = results["y"] + nothing_of(beyond(x[name], 3, power_of_two(width))[..., width:])
        store(results, out)

    return kernel


def takes_as_packed(*names, when=lambda x: True):
    """Strides are not asked for."""

    def kernel(x, out):
        store(rule(x | {n: packed(x[n]) for n in names if n in x and when(x)}, "dq" in out), out)

    return kernel


def takes_token_stride_for_heads(x, out):
    beta = x["beta"]
    strides = (beta.strides[0], beta.shape[2] * beta.itemsize, beta.itemsize)
    store(rule(x | {"beta": as_strided(beta, beta.shape, strides)}, "dq" in out), out)


def takes_default_beta_for_value_heads(x, out):
    """beta has a place for each key head, and is read for each value head."""
    store(rule(x | {"beta": packed(x["beta"], x["v"].shape[:3])}, "dq" in out), out)


def leaves_tail_rows(name):
    """Whole tiles are stored."""

    def kernel(x, out):
        results, whole = rule(x, "dq" in out), x["v"].shape[1] // BLOCK * BLOCK
        if name in out:
            out[name][:, :whole] = results.pop(name)[:, :whole]
        store(results, out)

    return kernel


def leaves_masked_rows(name, but=0):
    """What masked tokens have is not stored, but for the first so many."""

    def kernel(x, out):
        results = rule(x, "dq" in out)
        if name in out and "mask" in x:
            written = x["mask"] | (np.cumsum(~x["mask"], 1) <= but)
            out[name][written] = results.pop(name)[written]
        store(results, out)

    return kernel


def adds_a_buffer_of_whole_tiles(name):
    """A buffer from empty() is filled up to the last whole tile, and added whole."""

    def kernel(x, out):
        results = rule(x, "dq" in out)
        if name in results:
            share = np.empty_like(results[name])
            share[:, : share.shape[1] // BLOCK * BLOCK] = 0
            results[name] = results[name] + share
        store(results, out)

    return kernel


def begins_with_what_empty_gave(x, out):
    """Where no state comes in, the zeros of the first are never stored."""
    if "state_in" not in x:
        x = x | {"state_in": np.empty(out["state_out"].shape, out["state_out"].dtype)}
    store(rule(x, "dq" in out), out)


def stores_whole_tiles(name):
    """A store without a mask: what goes past the last token of a row is stored over by the next row, but that of the last."""

    def kernel(x, out):
        results = rule(x, "dq" in out)
        if name in out:
            T, found = x["v"].shape[1], results.pop(name)
            for row, tile in zip(found, beyond(out[name], 1, tiles(T))):
                tile[:T], tile[T:] = row, 0
        store(results, out)

    return kernel


def addresses_history_by_T(x, out):
    """The states behind each token, in a buffer that has room for more: the stride of a row is taken from T."""
    B, T = x["v"].shape[:2]
    history = packed(out["history"], (B * T, *out["history"].shape[2:]))
    for t in range(T):
        states = rule({n: a[:, : t + 1] if n in ("q", "k", "v", "g", "beta", "mask") else a for n, a in x.items()}, False)["state_out"]
        for b in range(B):
            history[b * T + t] = states[b]
    honest(x, out)


def substitutes_past_T(x, out):
    """Forward substitution in the blocks of 1 + A, where A [B,T,Hv,block] has as many rows as there are tokens: over every row of the last."""
    results, A = rule(x, "dq" in out), beyond(x["gram"], 1, tiles(x["v"].shape[1]))
    for start in range(0, A.shape[1], BLOCK):
        inverse = np.tile(np.eye(BLOCK, dtype=A.dtype), (A.shape[0], A.shape[2], 1, 1))
        for i in range(1, BLOCK):
            inverse[:, :, i] -= np.einsum("bhj,bhjc->bhc", A[:, start + i, :, :i], inverse[:, :, :i])
        results["y"] = results["y"] + nothing_of(inverse)
    store(results, out)


def inverts_past_T(x, out):
    """The same of the inverse in one call."""
    results, T = rule(x, "dq" in out), x["v"].shape[1]
    blocks = beyond(x["gram"], 1, tiles(T)).swapaxes(1, 2)
    inverse = np.linalg.inv(np.eye(BLOCK) + blocks.reshape(*blocks.shape[:2], -1, BLOCK, BLOCK))
    results["y"] = results["y"] + nothing_of(inverse)
    store(results, out)


def masks_beta_in_place(x, out):
    if "mask" in x:
        x["beta"][...] *= x["mask"][..., None]
    honest(x, out)


def empties_the_state_first(x, out):
    """Wrong only where the state goes out in the place that it came from."""
    out["state_out"][...] = 0
    honest(x, out)
