"""Steps of sessions by fla's functions: on states that are gathered from the pool, or on the pool itself."""

import torch

import torch_rule
from layers import refuse_what_no_function_takes
from worker import Refusal


class Steps:
    """What the steps of sessions have in common, whether states are gathered from the pool or stay in it."""

    def __init__(self, limits, contract, device):
        self.limits, self.contract, self.device = limits, contract, device
        self.held = {"bf16": torch.bfloat16, "f16": torch.float16}.get(contract.state, torch.float32)

    def inputs(self, step, request):
        """q, k, v, log g and beta, packed."""
        refuse_what_no_function_takes(step.x, request)
        shape = {"T": step.x["q"].shape[1], "precision": request["precision"], "channels": step.x["g" if "g" in step.x else "a"].ndim == 4}
        if reason := self.limits(shape):
            raise Refusal(reason)
        leaves = torch_rule.leaves_of(step.x, request, self.contract, self.device)
        if "log_g" in leaves:
            return *(leaves[n] for n in "qkv"), leaves["log_g"], leaves["beta"]
        gates = torch_rule.qwen_gates(leaves["a"], leaves["b"], leaves["A_log"], leaves["dt_bias"], self.contract)
        return *(leaves[n] for n in "qkv"), *gates

    def numbers(self, values, kind="int64"):
        return torch.tensor(values, dtype=getattr(torch, kind), device=self.device)


class Packed(Steps):
    """Steps whose rows lie one after the other: states are gathered from the pool and put back, as an engine does around fla."""

    def __init__(self, call, *place):
        super().__init__(*place)
        self.call = call

    def rows_of(self, step, request):
        inputs = self.inputs(step, request)
        turn = (lambda t: t) if self.contract.layout == "kv" else (lambda t: t.mT)
        pool = torch.tensor(step.pool).to(self.device, self.held)
        # A row that is fresh, or of padding, has no state yet.
        absent = self.numbers([slot < 0 or fresh for slot, fresh in zip(step.slots, step.fresh)], "bool")
        states = torch.where(absent[:, None, None, None], 0, pool[[max(slot, 0) for slot in step.slots]])
        with torch.no_grad():
            y, states = self.call(*inputs, turn(states), cu_seqlens=self.numbers(step.cu_seqlens))
        states = turn(states).to(self.held).float().cpu().numpy()
        for i, slot in enumerate(step.slots):
            if slot >= 0 and step.kind == "advance":
                step.pool[slot] = states[i]
        return torch_rule.to_numpy(y)


class Pooled(Steps):
    """Steps on a pool that the kernel reads and writes where it lies. Behind its slots are one of zeros, for what is fresh, one to waste, for
    rows of padding, and one for each token, where its state is wanted."""

    def __init__(self, function, write_gates, scale, *place):
        super().__init__(*place)
        self.function, self.write_gates, self.scale = function, write_gates, scale

    def rows_of(self, step, request):
        q, k, v, log_g, beta = self.inputs(step, request)
        slots = len(step.pool)
        pool = torch.zeros(slots + 2 + step.cu_seqlens[-1], *step.pool.shape[1:], dtype=self.held)
        pool[:slots] = torch.tensor(step.pool)
        pool = pool.to(self.device)
        if step.kind == "advance":  # an engine clears the slot of a new sequence
            pool[[slot for slot, fresh in zip(step.slots, step.fresh) if fresh and slot >= 0]] = 0
        indices, columns = self.places(step, slots)
        tensors = {"q": q, "k": k, "v": v, "g": log_g, **self.write_gates(beta, k, v)}
        with torch.no_grad():
            y, _ = self.function(
                **{n: t.contiguous() for n, t in tensors.items()}, scale=self.scale, initial_state=pool, inplace_final_state=True,
                state_v_first=self.contract.layout == "vk", use_qk_l2norm_in_kernel=self.contract.epsilon is not None,
                cu_seqlens=self.numbers(step.cu_seqlens), ssm_state_indices=indices, num_accepted_tokens=columns,
            )  # fmt: skip
        if step.wants_history:
            step.history = self.history(step, pool, slots)
        # As the kernel left it, so that a write beside its slots is seen.
        step.pool[:] = pool[:slots].float().cpu().numpy()
        return torch_rule.to_numpy(y)

    def places(self, step, slots):
        """Where the state behind each token goes, [rows,longest+1], and in which column, counted from 1, stands where a row begins."""
        zeros, waste, first = slots, slots + 1, slots + 2
        starts = step.cu_seqlens
        longest = max(end - start for start, end in zip(starts, starts[1:]))
        table = []
        for i, slot in enumerate(step.slots):
            own = waste if slot < 0 else slot
            apart = step.wants_history or step.kind == "verify"
            row = [first + starts[i] + t if apart else own for t in range(longest)]
            count = starts[i + 1] - starts[i]
            if apart and step.kind == "advance" and count:
                row[count - 1] = own
            table.append(row + [zeros if slot < 0 or step.fresh[i] else slot])
        return self.numbers(table, "int32"), self.numbers([longest + 1] * len(table), "int32")

    def history(self, step, pool, slots):
        """The states before and behind each token, packed; the last one of an advance went to its own slot."""
        states = []
        for i, slot in enumerate(step.slots):
            start, end = step.cu_seqlens[i : i + 2]
            before = torch.zeros_like(pool[0]) if slot < 0 or step.fresh[i] else torch.tensor(step.pool[slot]).to(pool)
            states += [before, *pool[slots + 2 + start : slots + 2 + end]]
            if step.kind == "advance" and end > start:
                states[-1] = pool[slots + 1 if slot < 0 else slot]
        return torch.stack(states).float().cpu().numpy()
