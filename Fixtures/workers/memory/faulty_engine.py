"""Kernels of an engine, faulty and honest: packed sequences on a pool of states, of which a plain problem is made. mutants.py names the bugs.

    q k v g beta [1,total + 3,..]: behind the last lie one of padding and two that belong to nobody      pool [B + 2,Hv,Dv,Dk]
    cu_seqlens, slots, fresh: of each row of the batch, of a sequence without tokens and of a row of padding (slot -1)
"""

import numpy as np
from memory.faulty import as_strided, nothing_of, rule

TOKENS = ("q", "k", "v", "g", "beta")


def calls_of(x):
    """(inputs of an engine's call, outputs, where inputs mean nothing) for a plain problem without a mask."""
    B, T = x["v"].shape[:2]
    inputs = {n: np.concatenate([x[n].reshape(1, B * T, *x[n].shape[2:]), np.ones((1, 3, *x[n].shape[2:]), x[n].dtype)], 1) for n in TOKENS}
    pool = np.zeros((B + 2, x["v"].shape[2], x["v"].shape[3], x["k"].shape[3]), x["v"].dtype)
    if "state_in" in x:
        pool[:B] = x["state_in"]
    fresh = np.array([*["state_in" not in x] * B, False, False])
    ends = np.array([*(T * b for b in range(B + 1)), B * T, B * T + 1])
    inputs |= {"pool": pool, "cu_seqlens": ends, "slots": np.array([*range(B), B, -1]), "fresh": fresh}
    behind = np.arange(B * T + 3)[None] >= B * T
    dead = {n: behind for n in TOKENS} | {"pool": np.array([*fresh[:B], False, True])}
    return inputs, {"y": inputs["v"], "pool_out": pool}, dead


def results_of(found, x):
    """Of the plain problem."""
    B, T = x["v"].shape[:2]
    return {"y": found["y"][:, : B * T].reshape(x["v"].shape), "state_out": found["pool_out"][:B]}


def engine(state_of=None, tokens_of=None, store=None, pads=False):
    """The honest call, but for what is replaced."""
    state_of, tokens_of, store = state_of or zeros_or_slot, tokens_of or (lambda x, start, end: {}), store or store_state

    def kernel(x, out):
        out["y"][...], out["pool_out"][...] = 0, np.where(x["dead"][:, None, None, None], 0, x["pool"])
        for i, slot in enumerate(x["slots"]):
            start, end = x["cu_seqlens"][i : i + 2]
            if slot < 0 and not pads:
                continue
            tokens = {n: x[n][:, start:end] for n in TOKENS}
            found = rule(tokens | {"state_in": state_of(x, i, slot, end - start)} | tokens_of(x, start, end), False)
            out["y"][:, start:end] = found["y"]
            store(out, slot, found["state_out"][0], end - start)

    return kernel


def zeros_or_slot(x, i, slot, count):
    state = x["pool"][slot : slot + 1]
    return np.zeros_like(state) if x["fresh"][i] else state


def store_state(out, slot, state, count):
    out["pool_out"][slot] = state


def row(tensor, index):
    """The row of an index that may be -1: the one before the first, as a pointer has it."""
    return as_strided(tensor, (2, *tensor.shape[1:]), (index * tensor.strides[0], *tensor.strides[1:]))[1]


def takes_one_token_for_decode(x, i, slot, count):
    """A first chunk of one token is taken for a decode, which begins with the slot whatever it holds."""
    return x["pool"][slot : slot + 1] if count == 1 else zeros_or_slot(x, i, slot, count)


def takes_minus_one_for_a_slot(x, i, slot, count):
    return row(x["pool"], slot)[None]


def stores_at_minus_one(out, slot, state, count):
    row(out["pool_out"], slot)[...] = state


def takes_tokens_of_nobody(x, start, end):
    """The last chunk is whole, of what lies behind the last token too; its weight is zero."""
    rest = x["v"][:, end : end + 3] if end == x["cu_seqlens"][-2] and end > start else x["v"][:, :0]
    return {"v": x["v"][:, start:end] + np.float32(nothing_of(rest))}


def stores_a_stale_tile(out, slot, state, count):
    """A tile is filled where there are tokens, and always stored."""
    tile = np.empty(state.shape, state.dtype)
    if count > 0:
        tile[...] = state
    out["pool_out"][slot] = tile
