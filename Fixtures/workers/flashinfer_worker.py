#!/usr/bin/env python3
"""flashinfer's kernels of this rule as a worker: an engine's calls on a pool of states. What needs what: flashinfer.md.

gdr fuzz --deadline 10m --families Hk2-Hv4-Dk128-Dv128/bf16 --against 'fi=python3 flashinfer_worker.py'
                                                  prefill, decode or mtp: what a plain problem is given to (prefill)
                                                  --cp yes|no: prefill with or without its context parallelism (flashinfer chooses)
                                                  --gather: prefill on states that are gathered from the pool and put back
                                                  --k-major: decode on states [Dk,Dv] (the contract is then layout=kv)
                                                  --scale 1|rsqrt|VALUE: the scale of q
                                                  --l2norm: q and k are normalised in the kernel
                                                  --state bf16|f16: the format of the pool; f16 in prefill alone
                                                  --known: the floor of prefill is declared (core level; decode has none)
                                                  --stand-in: the same calls to plain PyTorch, without flashinfer and without a GPU

Prefill is chunk_gated_delta_rule (cu_seqlens, state_indices); a step of one token for every row goes to gated_delta_rule_decode_pretranspose or
gated_delta_rule_decode, drafts to gated_delta_rule_mtp (to gated_delta_rule_decode_pretranspose on a pool in bf16), where a, b, A_log and dt_bias
are given: they make the gates themselves.
"""

import argparse
import importlib.metadata

import contract as contracts
import device
import session
from worker import Refusal, serve

# As many as anybody verifies at once.
MOST_DRAFTS = 8
# What mtp takes of a plain problem in one call: each number of tokens is compiled for itself.
PIECE = 4
# Prefill adds 1e-10 to g before its logarithm.
FLOOR = "decay:1e-10"


class Engine:
    """The functions, and what an engine does around them."""

    def __init__(self, functions, contract, device, context_parallelism=None, gathers=False):
        import torch

        self.torch, self.f, self.contract, self.device = torch, functions, contract, device
        self.scale = None if contract.scale == "rsqrt" else float(contract.scale)
        self.normalises, self.gathers = contract.epsilon is not None, gathers
        self.prefill_options = {} if context_parallelism is None else {"use_cp": context_parallelism == "yes"}
        self.is_k_major = contract.layout == "kv"
        self.held = {"bf16": torch.bfloat16, "f16": torch.float16}.get(contract.state, torch.float32)
        # On a pool in bf16 an index of -1 means slot 0, which is left free for it.
        self.free_slots = 1 if contract.state == "bf16" else 0

    def tensors(self, x, request):
        """On the device, in the formats that the functions take."""
        torch = self.torch
        if request["precision"] not in ("bf16", "fp16") or request["arithmetic"] == "double":
            raise Refusal("takes q, k and v in bf16 or fp16")
        if "mask" in x and not x["mask"].all():
            raise Refusal("has no mask")
        if x["g" if "g" in x else "a"].ndim == 4:
            raise Refusal("takes one decay per head")
        if x["q"].shape[3] != x["v"].shape[3] or (self.device == "cuda" and x["q"].shape[3] != 128):
            raise Refusal("takes keys and values of 128 channels")
        narrow = torch.bfloat16 if request["precision"] == "bf16" else torch.float16
        return {n: torch.tensor(t).to(self.device, narrow if n in ("q", "k", "v", "a", "b") else torch.float32) for n, t in x.items() if n != "mask"}

    def gates(self, x):
        """g and beta, for the prefill."""
        if "g" in x:
            return x["g"], x["beta"]
        a, b = x["a"].float(), x["b"].float()
        return self.torch.exp(-x["A_log"].exp() * self.torch.nn.functional.softplus(a + x["dt_bias"])), b.sigmoid()

    def prefill(self, x, ends, pool, slots):
        """Rows one after the other, [1,total,..], from and to slots of a pool [slots,Hv,Dv,Dk], in place."""
        torch = self.torch
        g, beta = self.gates(x)
        q, k, v, g, beta = (t[0].contiguous() for t in (x["q"], x["k"], x["v"], g, beta))
        states = {"initial_state": pool, "output_state": pool, "state_indices": self.indices(slots)}
        if self.gathers:
            states = {"initial_state": pool[slots], "output_state": torch.full_like(pool[slots], float("nan"))}
        y, last = self.f.chunk_gated_delta_rule(
            q, k, v, g, beta, self.scale, output_final_state=True, output=torch.full_like(v, float("nan")), **states,
            cu_seqlens=torch.tensor(ends, dtype=torch.int64, device=self.device), use_qk_l2norm_in_kernel=self.normalises, **self.prefill_options,
        )  # fmt: skip
        if self.gathers:
            pool[slots] = last
        return y[None]

    def indices(self, slots):
        return self.torch.tensor(slots, dtype=self.torch.int32, device=self.device)

    def behind_free_slots(self, pool, slots):
        """The pool and its indices as a kernel of `free_slots` takes them."""
        if not self.free_slots:
            return pool, self.indices(slots)
        free = self.torch.zeros_like(pool[:1])
        return self.torch.cat([free, pool]), self.indices([slot + 1 if slot >= 0 else -1 for slot in slots])

    def gate_inputs(self, x):
        return {n: x[n].contiguous() for n in ("A_log", "a", "dt_bias", "b")}

    def decode(self, x, ends, pool, slots):
        """One token for each row, [1,rows,..]; a slot of -1 is passed on as it is."""
        one = {n: t if n in ("A_log", "dt_bias") else t[0][:, None].contiguous() for n, t in x.items()}
        options = {"scale": self.scale, "use_qk_l2norm": self.normalises} | self.gate_inputs(one)
        if not self.is_k_major:
            own, indices = self.behind_free_slots(pool, slots)
            y, _ = self.f.gated_delta_rule_decode_pretranspose(
                one["q"], one["k"], one["v"], None, initial_state=own, initial_state_indices=indices, **options
            )
            pool.copy_(own[self.free_slots :])
            return y[:, 0][None]
        # This one knows no pool: an engine gathers the states and puts them back.
        live = [slot for slot in slots if slot >= 0]
        states = pool[[max(slot, 0) for slot in slots]].mT.contiguous()
        y, states = self.f.gated_delta_rule_decode(one["q"], one["k"], one["v"], states, **options)
        pool[live] = states[[i for i, slot in enumerate(slots) if slot >= 0]].mT
        return y[:, 0][None]

    def drafts(self, x, ends, pool, slots, updates):
        """Several tokens for each row, and the states behind each of them, [rows,longest,Hv,Dv,Dk]; rows are filled up to one length."""
        torch = self.torch
        counts = [end - start for start, end in zip(ends, ends[1:])]
        longest = max(2, *counts)
        rows = {}
        for n, t in x.items():
            if n in ("A_log", "dt_bias"):
                rows[n] = t
                continue
            rows[n] = torch.zeros(len(counts), longest, *t.shape[2:], dtype=t.dtype, device=t.device)
            for i, count in enumerate(counts):
                rows[n][i, :count] = t[0, ends[i] : ends[i] + count]
        behind = torch.zeros(len(counts), longest, *pool.shape[1:], dtype=self.held, device=self.device)
        own, indices = self.behind_free_slots(pool, slots)
        options = {
            "scale": self.scale, "use_qk_l2norm": self.normalises, "intermediate_states_buffer": behind, "disable_state_update": not updates,
            "initial_state": own, "initial_state_indices": indices, **self.gate_inputs(rows),
        }  # fmt: skip
        qkv = [rows[n] for n in "qkv"]
        if self.held == torch.float32:
            y, _ = self.f.gated_delta_rule_mtp(*qkv, **options)
        else:
            y, _ = self.f.gated_delta_rule_decode_pretranspose(*qkv, None, **options)
        pool.copy_(own[self.free_slots :])
        return torch.cat([y[i, :count] for i, count in enumerate(counts)])[None], behind

    # ---- What gdr asks

    def evaluate(self, call):
        """A worker's `evaluate`: plain problems by call(x, states [B,Hv,Dv,Dk]) -> y, which updates the states in place."""

        def evaluate(x, request):
            x = self.tensors(x, request)
            B, T = x["q"].shape[:2]
            if B * T == 0:
                raise Refusal("takes at least one token")
            states = x.pop("state_in", None)
            if states is None:
                states = self.torch.zeros(B, x["v"].shape[2], x["v"].shape[3], x["q"].shape[3], device=self.device)
            elif self.is_k_major:
                states = states.mT
            states = states.to(self.held).contiguous()
            y = call({n: t for n, t in x.items() if n not in ("dy", "dstate_out")}, states)
            return {"y": self.bits(y.reshape(x["v"].shape)), "state_out": self.bits(self.laid_out(states))}

        return evaluate

    def by_prefill(self, x, states):
        """All rows one after the other."""
        B, T = x["q"].shape[:2]
        rows = {n: t if n in ("A_log", "dt_bias") else t.flatten(0, 1)[None] for n, t in x.items()}
        return self.prefill(rows, [T * i for i in range(B + 1)], states, list(range(B)))

    def by_decode(self, x, states):
        """One token of every row after the other."""
        return self.in_pieces(x, states, 1)

    def by_mtp(self, x, states):
        """`PIECE` tokens of every row after the others, and what is left; one token by decode."""
        return self.in_pieces(x, states, PIECE if self.held == self.torch.float32 else MOST_DRAFTS)

    def in_pieces(self, x, states, most):
        if "a" not in x:
            raise Refusal("makes its gates itself: --level model")
        B, T = x["q"].shape[:2]
        if self.held != self.torch.float32 and T > most:
            raise Refusal("rounds a state in 16 bits after every call")
        y = []
        for start in range(0, T, most):
            piece = {n: t if n in ("A_log", "dt_bias") else t[:, start : start + most] for n, t in x.items()}
            count = piece["q"].shape[1]
            rows = {n: t if n in ("A_log", "dt_bias") else t.flatten(0, 1)[None] for n, t in piece.items()}
            place = rows, [count * i for i in range(B + 1)], states, list(range(B))
            found = self.decode(*place) if count == 1 else self.drafts(*place, updates=True)[0]
            y.append(found.reshape(B, count, *found.shape[2:]))
        return self.torch.cat(y, dim=1)

    def bits(self, t):
        import torch_rule

        return torch_rule.to_numpy(t)

    def step(self, step, request):
        """The pool stays on the device, [slots,Hv,Dv,Dk], and is updated where it lies."""
        torch, pool, slots = self.torch, step.pool, step.slots
        x = self.tensors(step.x, request)
        before = pool.clone() if step.wants_history else None
        y, behind = (self.verify if step.kind == "verify" else self.advance)(x, step)
        results = {"y": self.bits(y), "pool": self.bits(self.laid_out(pool))}
        if step.wants_history:
            states = []
            for i, slot in enumerate(slots):
                first = torch.zeros_like(before[:1]) if slot < 0 or step.fresh[i] else before[slot : slot + 1]
                states += [first, behind[i, : step.cu_seqlens[i + 1] - step.cu_seqlens[i]]]
            results["history"] = self.bits(self.laid_out(torch.cat(states)))
        return results

    def advance(self, x, step):
        """Outputs, and the states behind the tokens where they are wanted."""
        pool, slots, ends = step.pool, step.slots, step.cu_seqlens
        # What is fresh begins with zeros: an engine clears the slot.
        pool[[slot for slot, fresh in zip(slots, step.fresh) if fresh and slot >= 0]] = 0
        counts = {end - start for start, end in zip(ends, ends[1:])}
        if step.wants_history:
            # Rows of one length end where the kernel ends, whose last state is theirs.
            together = self.drafts_at_once(x, max(counts)) and len(counts) == 1 and max(counts) > 1
            return self.drafts(x, ends, pool, slots, updates=True) if together else self.one_by_one(x, ends, pool, slots)
        return (self.decode if self.decodes(x) and counts == {1} else self.packed)(x, ends, pool, slots), None

    def decodes(self, x):
        """Whether there is a decode: none for gates that are given, or for states in fp16."""
        return "a" in x and self.contract.state != "f16"

    def drafts_at_once(self, x, longest):
        return self.decodes(x) and longest <= MOST_DRAFTS

    def verify(self, x, step):
        """The same of drafts, which must write nothing: what is fresh reads zeros behind the pool, each row a slot of its own."""
        pool = self.torch.cat([step.pool, self.torch.zeros_like(step.pool[:1]).expand(len(step.slots), *step.pool.shape[1:])])
        slots = [len(step.pool) + i if fresh and slot >= 0 else slot for i, (slot, fresh) in enumerate(zip(step.slots, step.fresh))]
        counts = [end - start for start, end in zip(step.cu_seqlens, step.cu_seqlens[1:])]
        if not self.drafts_at_once(x, max(counts)):
            return self.one_by_one(x, step.cu_seqlens, pool, slots)
        y, behind = self.drafts(x, step.cu_seqlens, pool, slots, updates=False)
        # As the kernel left it, so that a verify that writes is seen.
        step.pool.copy_(pool[: len(step.pool)])
        return y, behind

    def packed(self, x, ends, pool, slots):
        """A prefill of the rows that are none of padding, which no engine has in one."""
        live = [i for i, slot in enumerate(slots) if slot >= 0]
        y = self.torch.zeros_like(x["v"])
        places = [t for i in live for t in range(ends[i], ends[i + 1])]
        if places:
            starts = [0]
            for i in live:
                starts.append(starts[-1] + ends[i + 1] - ends[i])
            rows = {n: t if n in ("A_log", "dt_bias") else t[:, places] for n, t in x.items()}
            y[:, places] = self.prefill(rows, starts, pool, [slots[i] for i in live])
        return y

    def one_by_one(self, x, ends, pool, slots):
        """The states behind each token where no function has them: prefills of one token."""
        counts = [end - start for start, end in zip(ends, ends[1:])]
        y = self.torch.zeros_like(x["v"])
        behind = self.torch.zeros(len(counts), max(counts), *pool.shape[1:], dtype=self.held, device=self.device)
        for t in range(max(counts)):
            going = [i for i, slot in enumerate(slots) if slot >= 0 and t < counts[i]]
            if not going:
                continue
            places = [ends[i] + t for i in going]
            rows = {n: a if n in ("A_log", "dt_bias") else a[:, places] for n, a in x.items()}
            y[:, places] = self.prefill(rows, list(range(len(going) + 1)), pool, [slots[i] for i in going])
            behind[going, t] = pool[[slots[i] for i in going]]
        return y, behind

    def laid_out(self, states):
        return states.mT if self.is_k_major else states

    def take(self, pool):
        """A pool as it comes over the wire."""
        pool = self.torch.tensor(pool).to(self.device, self.held)
        return pool.mT.contiguous() if self.is_k_major else pool


def functions(is_stand_in):
    if is_stand_in:
        import flashinfer_stand_in

        return flashinfer_stand_in, "cpu", "stand-in"
    import torch

    if not torch.cuda.is_available():
        raise ImportError("flashinfer's kernels need a GPU; --stand-in does without")
    import flashinfer.gdn_decode
    import flashinfer.gdn_prefill

    class Functions:
        chunk_gated_delta_rule = staticmethod(flashinfer.gdn_prefill.chunk_gated_delta_rule)
        gated_delta_rule_decode_pretranspose = staticmethod(flashinfer.gdn_decode.gated_delta_rule_decode_pretranspose)
        gated_delta_rule_decode = staticmethod(flashinfer.gdn_decode.gated_delta_rule_decode)
        gated_delta_rule_mtp = staticmethod(flashinfer.gdn_decode.gated_delta_rule_mtp)

    return Functions, "cuda", importlib.metadata.version("flashinfer-python")


NAMES = {"prefill": "chunk_gated_delta_rule", "decode": "gated_delta_rule_decode", "mtp": "gated_delta_rule_mtp"}
FORMS = {
    "prefill": {"form": "chunked:64", "roundings": "products:input", "calls": "packed,verify,snapshots", "pool": "kept"},
    "decode": {"form": "sequential"},
    "mtp": {"form": "sequential"},
}


def contract_of(arguments):
    contract = contracts.Contract()
    for name, value in (("scale", arguments.scale), ("state", arguments.state), ("layout", "kv" if arguments.k_major else None)):
        contract = contract.having(name, value) if value else contract
    return contract.having("qk", "l2norm:1e-6") if arguments.l2norm else contract


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("form", nargs="?", choices=("prefill", "decode", "mtp"), default="prefill", help="what a plain problem is given to")
    parser.add_argument("--cp", choices=("yes", "no"), help="context parallelism of the prefill")
    parser.add_argument("--gather", action="store_true", help="prefill on states gathered from the pool, not in place")
    parser.add_argument("--k-major", action="store_true", help="decode on states [Dk,Dv]")
    parser.add_argument("--scale", metavar="SCALE", help="1, rsqrt or a number")
    parser.add_argument("--l2norm", action="store_true", help="q and k are normalised in the kernel")
    parser.add_argument("--state", choices=("bf16", "f16"), help="the format of the pool")
    parser.add_argument("--known", action="store_true", help="declare what is known of prefill: a floor under g")
    parser.add_argument("--stand-in", action="store_true", help="plain PyTorch in the place of flashinfer")
    arguments = parser.parse_args()
    if arguments.state and arguments.k_major or arguments.state == "f16" and arguments.form != "prefill":
        parser.error("no decode takes such a state")
    contract = contract_of(arguments)
    declaration = {"name": NAMES[arguments.form], "library": "flashinfer", "contract": str(contract), "gradients": "none"} | FORMS[arguments.form]
    if arguments.known and arguments.form == "prefill":
        declaration["clamp"] = FLOOR
    evaluate = step = None
    try:
        found, place, declaration["version"] = functions(arguments.stand_in)
        declaration |= {} if arguments.stand_in else device.declared()
        engine = Engine(found, contract, place, arguments.cp, arguments.gather)
        evaluate = device.until_lost(engine.evaluate(getattr(engine, "by_" + arguments.form)))
        if arguments.form == "prefill":
            pools = session.Pools(engine.take)
            step = device.until_lost(lambda x, request: engine.step(session.Step(x, request, pools.of(x, request)), request))
    except ImportError as error:
        declaration["refusal"] = f"flashinfer cannot be loaded: {error}"
    serve(declaration, evaluate, lambda request: contracts.refusal(contract, request), step)


if __name__ == "__main__":
    main()
