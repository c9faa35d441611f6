#!/usr/bin/env python3
"""A worker that takes the steps of sessions: packed or padded rows on a pool of states. Needs numpy, and beside it the worker.py of
`gdr init-worker python`.

    gdr fuzz --against 'mine=python3 session.py'
    gdr conform 'python3 session.py'

Replace `rows_of` with a call of your kernel for all rows at once, and `CALLS` with what it takes: what is not declared reaches you as plain
problems (`evaluate`), with gdr keeping the pool. Sources/Foreign/Foreign.docc/Protocol.md, "Steps of a session", has the whole of it.
"""

import numpy as np

import worker

CALLS = {
    "calls": "packed,padded,verify,undo,fork,snapshots",  # how rows may lie, and what may be asked; leave out what there is not
    "pool": "kept",  # the pool stays here from step to step; "returned": it comes with every step
}


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
                tokens = {n: t if n in ("A_log", "dt_bias") else t[where] for n, t in self.x.items() if n != "mask"}
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
            token = {n: a if n in ("A_log", "dt_bias") else a[:, t : t + 1] for n, a in tokens.items()} | {"state_in": state}
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
    worker.serve(worker.DECLARATION | CALLS, evaluate, step=steps())
