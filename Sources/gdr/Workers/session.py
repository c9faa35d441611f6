#!/usr/bin/env python3
"""A worker that takes the steps of sessions: packed or padded rows on a pool of states. Needs numpy, and beside it the worker.py of
`gdr init-worker python`.

    gdr fuzz --against 'mine=python3 session.py'          --torch: with PyTorch, `rows_of_torch` and `TORCH_CALLS`
    gdr conform 'python3 session.py'

Replace `rows_of` with a call of your kernel for all rows at once, as `rows_of_torch` makes it, and `CALLS` with what it takes: what is not
declared reaches you as plain problems (`evaluate`), with gdr keeping the pool. Sources/Foreign/Foreign.docc/Protocol.md, "Steps of a session",
has the whole of it.
"""

import sys

import numpy as np

import worker

CALLS = {
    "calls": "packed,padded,verify,undo,fork,snapshots",  # how rows may lie, and what may be asked; leave out what there is not
    "pool": "kept",  # the pool stays here from step to step; "returned": it comes with every step
}
PARAMETERS = ("A_log", "dt_bias")  # what belongs to no token
TORCH_CALLS = CALLS | {"calls": "packed,verify,undo,fork,snapshots"}  # the same for `rows_of_torch`


class Step:
    """One call of an engine: its rows, their tokens, and the pool, which `answer` changes in place."""

    def __init__(self, x, request, pool):
        def numbers(key):
            return [int(n) for n in request[key].split(",")] if key in request else None

        self.kind = request["kind"]  # advance, verify, keep or fork
        self.cu_seqlens = numbers("cu_seqlens")  # where the tokens of each row begin, and where the last end
        self.slots = numbers("slots")  # where each row's state lies; -1: a row of padding, which reads and writes none
        self.fresh = numbers("fresh")  # 1: the row begins with zeros, whatever its slot holds
        self.kept, self.sources = numbers("kept"), numbers("sources")
        self.is_padded, self.wants_history = request["padded"] == "yes", request["snapshots"] == "yes"
        self.x, self.pool = {n: t for n, t in x.items() if n not in ("pool", "history")}, pool
        self.history = np.array(x["history"]) if "history" in x else None

    def rows(self):
        """(number, slot, tokens by name [1, count, ...], the state to begin with) of every row that is none of padding."""
        for i, slot in enumerate(self.slots):
            if slot >= 0:
                start, end = self.cu_seqlens[i : i + 2]
                where = np.s_[i : i + 1, : end - start] if self.is_padded else np.s_[:1, start:end]
                tokens = {n: t if n in PARAMETERS else t[where] for n, t in self.x.items() if n != "mask"}
                yield i, slot, tokens, np.zeros_like(self.pool[:1]) if self.fresh[i] else self.pool[slot : slot + 1].copy()

    def put(self, y, i, row):
        """The outputs of a row into those of the step."""
        y[(i, slice(row.shape[1])) if self.is_padded else (0, slice(*self.cu_seqlens[i : i + 2]))] = row[0]

    def first(self, i):
        """Where the states of a row begin in the history: the one before its tokens, and one behind each."""
        return self.cu_seqlens[i] + i


def rows_of(step, request):
    """The outputs of a step; the pool and the history are filled. A reference to replace: it goes from row to row and from token to token."""
    y = np.zeros_like(step.x["v"], dtype=np.float64 if request["arithmetic"] == "double" else np.float32)
    if step.wants_history:
        step.history = np.zeros((step.cu_seqlens[-1] + len(step.slots), *step.pool.shape[1:]), step.pool.dtype)
    for i, slot, tokens, state in step.rows():
        count = step.cu_seqlens[i + 1] - step.cu_seqlens[i]
        if step.wants_history:
            step.history[step.first(i)] = state[0]
        outputs = []
        for t in range(count):
            token = {n: a if n in PARAMETERS else a[:, t : t + 1] for n, a in tokens.items()} | {"state_in": state}
            found = evaluate(token, request | {"gradients": "no"})  # <- your kernel
            state = found["state_out"]
            outputs.append(found["y"])
            if step.wants_history:
                step.history[step.first(i) + t + 1] = state[0]
        if outputs:
            step.put(y, i, np.concatenate(outputs, axis=1))
        if step.kind == "advance":
            step.pool[slot] = state[0]
    return y


def rows_of_torch(step, request):
    """The same for all rows at once, as a kernel takes them: packed tokens, cu_seqlens, and states gathered from the pool and put back."""
    import torch

    device, real = "cpu", torch.float64 if request["arithmetic"] == "double" else torch.float32  # <- those of your kernel
    x = {n: torch.tensor(t if n in PARAMETERS else t[0]).to(device, real) for n, t in step.x.items()}
    if "g" not in x:
        x["g"] = torch.exp(-x["A_log"].exp() * torch.nn.functional.softplus(x["a"] + x["dt_bias"], threshold=40))
        x["beta"] = x["b"].sigmoid()
    tokens = [x[n] for n in ("q", "k", "v", "g", "beta")]
    ends, slots, fresh = (torch.tensor(numbers, device=device) for numbers in (step.cu_seqlens, step.slots, step.fresh))
    pool, absent, live = torch.from_numpy(step.pool).to(device), (slots < 0) | (fresh == 1), slots >= 0
    states = torch.where(absent[:, None, None, None], 0, pool[slots.clamp(min=0)])  # not a product: a slot may hold NaN
    y, last, behind = kernel(*tokens, states.to(real), ends)  # <- your kernel
    if step.kind == "advance":
        pool[slots[live]] = last[live].to(pool.dtype)
        step.pool[:] = pool.cpu().numpy()
    if step.wants_history:  # a kernel without the states behind each token: leave verify, undo and snapshots out of the calls
        row = torch.arange(len(slots), device=device)
        history = pool.new_zeros(len(behind) + len(row), *pool.shape[1:])
        history[ends[:-1] + row] = states
        history[torch.arange(len(behind), device=device) + row.repeat_interleave(ends.diff()) + 1] = behind.to(pool.dtype)
        step.history = history.cpu().numpy()
    return y[None].cpu().numpy()


def kernel(q, k, v, g, beta, states, cu_seqlens):
    """A loop in the place of one: y [total,Hv,Dv], the last state of each row, and the one behind each token [total,Hv,Dv,Dk]."""
    q, k = (t.repeat_interleave(v.shape[1] // t.shape[1], dim=1)[..., None] for t in (q, k))
    g = g[..., None, :] if g.ndim == 3 else g[..., None, None]
    y, last, behind, counts = v.new_zeros(v.shape), states.clone(), states.new_zeros(len(v), *states.shape[1:]), cu_seqlens.diff()
    for t in range(int(counts.max())):
        going = (counts > t).nonzero()[:, 0]  # rows; and where their tokens are
        at = cu_seqlens[going] + t
        S = last[going] * g[at]
        S = S + beta[at][..., None, None] * (v[at][..., None] - S @ k[at]) * k[at].mT
        y[at], last[going], behind[at] = (S @ q[at])[..., 0], S, S
    return y, last, behind


def answer(step, request, rows_of=rows_of):
    """What a step is answered with: y where it has tokens, the pool always, the history where it is wanted."""
    results = {}
    if step.kind in ("advance", "verify"):
        results["y"] = rows_of(step, request)
    before = step.pool.copy() if step.kind == "fork" else None
    for i, slot in enumerate(step.slots):
        if slot >= 0 and step.kind == "keep":
            step.pool[slot] = step.history[step.first(i) + step.kept[i]]
        if slot >= 0 and step.kind == "fork":
            step.pool[slot] = before[step.sources[i]]
    if step.wants_history:
        results["history"] = step.history
    return results | {"pool": step.pool}


class Pools:
    """The pool of the session that goes on, if it is kept here: a step without one has that of the last answer."""

    def __init__(self, take=np.array):
        self.take, self.session, self.pool = take, None, None

    def of(self, x, request):
        if "pool" in x:
            self.session, self.pool = request.get("session"), self.take(x["pool"])
        elif self.session is None or self.session != request.get("session"):
            raise ValueError("a step of a session whose pool is not here")
        return self.pool


def steps(answer=answer):
    """What `worker.serve` calls for a step."""
    pools = Pools()
    return lambda x, request: answer(Step(x, request, pools.of(x, request)), request)


evaluate = worker.evaluate  # plain problems

if __name__ == "__main__":
    calls, rows = (TORCH_CALLS, rows_of_torch) if "--torch" in sys.argv else (CALLS, rows_of)
    worker.serve(worker.DECLARATION | calls, evaluate, step=steps(lambda step, request: answer(step, request, rows)))
