"""The memory contract: what a kernel reads, writes and leaves unwritten, seen from outside. Needs numpy; torch where the tensors are torch's.

    results, seen = watch(kernel, inputs, outputs)          kernel(inputs, outputs): two dictionaries of arrays, or of tensors on any device

`kernel` reads the first, fills the second, and may return a dictionary of results that it allocated itself. `outputs` maps names to arrays of
which only shape, type and device count. `results` are arrays, bf16 as uint16; `seen` is a list of sentences, empty if the contract is kept:

    wrote 4 values past the end of dq     read what is past Dk of k     left 3 elements of y unwritten     changed its input k
    read dq before it was written     read what empty() gave     answers another state_out where it lies in state_in

They go into the reply of a worker: `return results, {"memory": "\\n".join(seen)}`. Every tensor lies in a buffer of its own with a guard band
before and behind it, once as one block and once at an odd offset with gaps along its axes. Guards hold numbers that nothing computes; so do outputs
before the call, and what numpy.empty and torch.empty give. In one call they are NaN, in another finite: if an answer has other bits, the kernel
read some of them, and calls in which one tensor alone has NaN tell which. Not seen is what is read and then selected away, and an access beyond
the guard bands. A kernel that answers other bits each time is compared by its NaN.
"""

import contextlib
import sys
from unittest import mock

import numpy as np

GUARD = 4096  # elements before a tensor, and behind it
WITHIN, BEFORE, BEHIND, DEAD, GAP = 0, 1, 2, 3, 4  # what an element of a buffer is; GAP + axis: past the end of that axis
WHOLE = {1: "uint8", 2: "int16", 4: "int32", 8: "int64"}
OWNERS = {}  # the last bits of a pattern say whose it is: what was copied is not what was never written
# A NaN that nothing computes, and -1234 and a little. Flags and whole numbers get 0 and 1, which are legal as flags and as indices.
PATTERNS = {"float64": (0x7FF8DEADBEEF0BAD, 0xC0934A51EC0BAD01), "float32": (0x7FC0DEAD, 0xC49A51EC), "float16": (0x7EAD, 0xE4D2),
            "bfloat16": (0x7FED, 0xC49B), "uint16": (0x7FED, 0xC49B)}  # fmt: skip
AXES = dict.fromkeys("qk", "B T Hk Dk") | dict.fromkeys("vy", "B T Hv Dv") | dict.fromkeys(["g", "a", "beta", "b"], "B T Hv Dk")
AXES |= {"dt_bias": "Hv Dk", "mask": "B T"} | dict.fromkeys(["state_in", "state_out"], "B Hv Dv Dk")


def watch(kernel, inputs, outputs=(), aliases=(), dead=(), excused=(), odd=True):
    """Calls the kernel four times or more. `aliases`: {"state_out": "state_in"} where the kernel says that the one may lie in the other.
    `dead`: where an input means nothing (masked tokens, slots that nobody wrote), which is poisoned too; `excused`: where an output need not be
    written. Both by name, arrays of bool of its shape or of its first axes. `odd=False` is for a kernel that says that it takes whole blocks only.
    """
    trial = Trial(kernel, inputs, dict(outputs), dict(dead), dict(excused))
    laid = [trial.lay(is_odd) for is_odd in (False, True)[: 1 + odd]]
    for output, source in dict(aliases).items():
        found = trial.run(False, lambda *_: False, alias=(output, source))[0]
        if not trial.same(found, laid[0][1], [output]):
            trial.seen["alias", output] = f"answers another {output} where it lies in {source}"
    return laid[-1][0], [*trial.seen.values()]


class Trial:
    """One kernel on one problem, as often as it takes. What was seen has a sentence for each kind, the first."""

    def __init__(self, kernel, inputs, outputs, dead, excused):
        self.kernel, self.inputs, self.outputs, self.dead, self.excused, self.seen = kernel, inputs, outputs, dead, excused, {}

    def run(self, is_odd, is_wild, alias=(None, None)):
        """Results by name, and the buffers as the call left them. `is_wild(name, kind)`: whether that has NaN."""
        held = {n: Held(n, t, is_odd, is_wild, dead=self.dead.get(n)) for n, t in self.inputs.items()}
        for name, like in self.outputs.items():
            held[name] = held[alias[1]] if name == alias[0] else Held(name, like, is_odd, is_wild, is_output=True)
        with poisoned(is_wild("empty()", WITHIN)):
            returned = self.kernel({n: held[n].view for n in self.inputs}, {n: held[n].view for n in self.outputs})
        results = {n: held[n].view for n in self.outputs} | (returned or {})
        return {n: np.array(host(t), order="C") for n, t in results.items()}, held

    def lay(self, is_odd):
        """The results in one layout; what is wrong there is noted."""
        (wild, held), (tame, also) = self.run(is_odd, lambda *_: True), self.run(is_odd, lambda *_: False)
        for name in held:
            changes = [held[name].changes(), also[name].changes()]
            for kind in sorted(changes[0] | changes[1]):
                n = max(c.get(kind, 0) for c in changes)
                wrote = f"wrote {n} value{'s'[: n - 1]} {held[name].place(kind)}"
                self.seen.setdefault(("wrote", name, kind), wrote if kind else f"changed its input {name}")
        for name in tame:
            if n := self.count(name, self.is_left(name, wild[name], tame[name])):
                self.seen.setdefault(("left", name), f"left {n} element{'s'[: n - 1]} of {name} unwritten")
        if not self.same(wild, tame):
            self.name_reads(is_odd, tame, held)
        return wild, tame

    def name_reads(self, is_odd, tame, held):
        """Notes which guard, or which poison, the results depend on: first which tensor, then which of its places."""
        by_bits = self.same(self.run(is_odd, lambda *_: False)[0], tame)

        def depends(is_wild):
            return not self.same(self.run(is_odd, is_wild)[0], tame, by_bits=by_bits)

        for suspect in [*held, "empty()"]:
            kinds = held[suspect].kinds if suspect in held else [WITHIN]
            for kind in kinds if depends(lambda name, _: name == suspect) else []:
                if depends(lambda *place: place == (suspect, kind)):
                    unwritten = f"{suspect} before it was written" if suspect in held else "what empty() gave"
                    self.seen.setdefault((suspect, kind), f"read what is {held[suspect].place(kind)}" if kind else f"read {unwritten}")

    def same(self, some, others, names=None, by_bits=True):
        """Whether results have the same bits, or NaN in the same places; what was never written is not the kernel's."""
        for name in names or some:
            a, b = some[name], others[name]
            differs = whole_numbers(a) != whole_numbers(b) if by_bits else np.isnan(floats(a)) != np.isnan(floats(b))
            if self.count(name, differs & ~self.is_left(name, a, b)):
                return False
        return True

    def is_left(self, name, *answers):  # whether poison is in both, NaN and finite
        owner = name if name in self.outputs else "empty()"
        return np.logical_and(*(whole_numbers(a) == pattern(a, is_wild, owner) for a, is_wild in zip(answers, (True, False))))

    def count(self, name, where):
        return int((where & ~spread(self.excused.get(name, False), where.shape)).sum())


class Held:
    """A tensor in a buffer of its own: a guard band before it, one behind it and, where it is odd, gaps along its axes."""

    def __init__(self, name, tensor, is_odd, is_wild, is_output=False, dead=None):
        self.name, self.is_output, lib, shape = name, is_output, library(tensor), tuple(tensor.shape)
        last = len(shape) - 1
        outer = [n + is_odd * (0 if axis == 0 else 2 if axis < last else 3 + n % 2) for axis, n in enumerate(shape)]
        kinds, within = np.full(outer, WITHIN, np.int8), tuple(slice(n) for n in shape)
        for axis in range(last, 0, -1):
            kinds[(slice(None),) * axis + (slice(shape[axis], None),)] = GAP + axis
        if dead is not None:
            kinds[within][spread(dead, shape)] = DEAD
        front = GUARD + is_odd
        self.where = np.concatenate([np.full(front, BEFORE, np.int8), kinds.ravel(), np.full(GUARD, BEHIND, np.int8)])
        device = {} if lib is np else {"device": tensor.device}
        self.buffer = lib.zeros(len(self.where), dtype=tensor.dtype, **device)
        self.view = self.buffer[front : len(self.where) - GUARD].reshape(outer)[within]
        self.view[...] = 0 if is_output else tensor
        self.kinds = [int(kind) for kind in np.unique(self.where) if kind or is_output]
        for kind in self.kinds:
            whole_numbers(self.buffer)[lib.asarray(self.where == kind, **device)] = pattern(tensor, is_wild(name, kind), name)
        self.put = whole_numbers(host(self.buffer)).copy()

    def changes(self):
        """How many elements of each kind are no longer what was put there; within an output they may be."""
        kinds = self.where[whole_numbers(host(self.buffer)) != self.put]
        kinds = np.where(kinds == DEAD, WITHIN, kinds)
        return {int(k): int((kinds == k).sum()) for k in np.unique(kinds) if k or not self.is_output}

    def place(self, kind):
        axes = dict(enumerate(AXES.get(self.name, AXES.get(self.name[1:], "")).split(), GAP))
        words = {BEFORE: "before {}", BEHIND: "past the end of {}", DEAD: "where {} means nothing"}
        return words.get(kind, f"past {axes.get(kind, f'axis {kind - GAP}')} of {{}}").format(self.name)


@contextlib.contextmanager
def poisoned(is_wild):
    """Poison in what numpy.empty, torch.empty and their kin give."""

    def fill(made):
        if kind_of(made) in PATTERNS:
            whole_numbers(made if library(made) is np else made.detach())[...] = pattern(made, is_wild, "empty()")
        return made

    with contextlib.ExitStack() as stack:
        if torch := sys.modules.get("torch"):
            makers = [torch.empty, torch.empty_like, torch.empty_strided, torch.Tensor.new_empty, torch.Tensor.new_empty_strided]

            class Poisoned(torch.overrides.TorchFunctionMode):
                def __torch_function__(self, function, types, arguments=(), options=None):
                    made = function(*arguments, **(options or {}))
                    return fill(made) if function in makers and made.numel() else made

            stack.enter_context(Poisoned())
        for make in (np.empty, np.empty_like):
            stack.enter_context(mock.patch.object(np, make.__name__, lambda *a, make=make, **o: fill(make(*a, **o))))
        yield


def library(tensor):
    return np if isinstance(tensor, np.ndarray) else sys.modules["torch"]


def kind_of(tensor):
    return str(tensor.dtype).replace("torch.", "")


def whole_numbers(tensor):
    return tensor.view(getattr(library(tensor), WHOLE[tensor.dtype.itemsize]))


def pattern(tensor, is_wild, owner):  # bits, as a signed whole number
    bits = PATTERNS[kind_of(tensor)][not is_wild] ^ OWNERS.setdefault(owner, len(OWNERS) % 32) if kind_of(tensor) in PATTERNS else not is_wild
    width = 8 * tensor.dtype.itemsize
    return bits - (1 << width if bits >> (width - 1) and width > 8 else 0)


def host(tensor):  # as an array; numpy has no bf16, of which it gets the bits
    tensor = tensor if library(tensor) is np else tensor.detach().cpu()
    return whole_numbers(tensor).numpy().view(np.uint16) if kind_of(tensor) == "bfloat16" else np.asarray(tensor)


def floats(array):  # those of bf16 in float32
    return (array.astype(np.uint32) << 16).view(np.float32) if array.dtype == np.uint16 else array


def spread(where, shape):  # from the first axes over all of them
    return np.broadcast_to(np.reshape(where, np.shape(where) + (1,) * (len(shape) - np.ndim(where))), shape)
