"""A Python function as a worker of the binary: what it declares, and how it answers."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Callable, Mapping

from gdr.errors import Error, Refusal
from gdr.kernels.arrays import arrays_of
from gdr.kernels.parameters import Limits, Parameters
from gdr.kernels.watched import Watched
from gdr.serving.deadline import Overdue, limit
from gdr.workers import contract as contracts
from gdr.workers import worker

FORMATS = {"f32": "fp32", "bf16": "bf16", "f16": "fp16"}
"""As recipes write them, and as requests do."""


@dataclass(frozen=True)
class Wishes:
    """What `gdr.judge` was told of the kernel; see there."""

    contract: str = "plain"
    form: str = "sequential"
    clamp: str = "none"
    roundings: str = ""
    gradients: str | None = None
    promises: str = "none"
    double: bool = False
    declares: Mapping[str, str] = field(default_factory=dict)
    writes: str = ""
    formats: tuple[str, ...] = tuple(FORMATS)
    decay_per: str = "head"
    empty: bool = False
    arrays: str | None = None
    device: str = "cpu"
    deadline: float | None = 60.0


class Stop(BaseException):
    """No answer within the deadline. Not an Exception: what answers a frame makes an answer of those, and the binary would ask again."""

    def __init__(self, recipe: str | None):
        super().__init__(recipe)
        self.recipe = recipe


class Kernel:
    """Answers frames. `failure` is what the function raised last."""

    def __init__(self, function: Callable[..., Any], wishes: Wishes):
        self.wishes = wishes
        self.failure: Exception | None = None
        self.contract = parsed(wishes.contract)
        unknown = set(wishes.formats) - set(FORMATS)
        if unknown or not wishes.formats:
            raise Error(f"formats are some of {', '.join(FORMATS)}, not {', '.join(map(str, unknown)) or 'none'}")
        self.limits = Limits(wishes.decay_per, (*(FORMATS[f] for f in wishes.formats), "fp64"), wishes.empty)
        self.parameters = Parameters(function)
        self.arrays = wishes.arrays or arrays_of(function)
        roundings = wishes.roundings
        if self.arrays == "torch":
            from gdr.kernels import in_torch  # torch is there only where the kernel has it

            forward_only = wishes.gradients == "none"
            self.watched = Watched(function, in_torch.bits, wishes.writes)
            self.call = in_torch.evaluator(self.watched, self.parameters, self.contract, wishes.device, forward_only)
            gradients, roundings = "all", with_defaults(roundings, in_torch.ROUNDINGS)
        elif self.arrays == "numpy":
            from gdr.kernels import in_numpy

            self.watched = Watched(function, in_numpy.bits, wishes.writes)
            self.call = in_numpy.evaluator(self.watched, self.parameters, self.contract)
            gradients = "all" if "dy" in self.parameters or "dstate_out" in self.parameters else "none"
        else:
            raise Error(f"arrays are numpy or torch, not {self.arrays}")
        self.declaration = {
            "name": getattr(function, "__name__", type(function).__name__),
            "library": self.arrays,
            "contract": str(self.contract),
            "form": wishes.form,
            "clamp": wishes.clamp,
            "roundings": roundings,
            "gradients": wishes.gradients or gradients,
            "promises": wishes.promises,
            "double": "yes" if wishes.double else "no",
            **wishes.declares,
        }

    def answer(self, frame: Any) -> Any:
        """The reply to a frame."""
        return worker.answer(frame, self.declaration, self.evaluate, self.differs)

    def differs(self, request: Mapping[str, str]) -> str | None:
        """Why a request is not for this kernel: it is of another contract."""
        return contracts.refusal(self.contract, request)

    def evaluate(self, x: Mapping[str, Any], request: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
        """Results by name, and what of the reply's metadata there is to say of the function's memory."""
        wishes = self.wishes
        try:
            self.parameters.refuse(x, request["precision"], self.limits)
            with limit(wishes.deadline) if wishes.deadline else nullcontext():
                self.watched.begin()
                results = self.call(x, request)
                return results, {"memory": "\n".join(self.watched.seen)} if self.watched.seen else {}
        except Overdue:
            raise Stop(request.get("recipe")) from None
        except Refusal as refusal:
            raise worker.Refusal(str(refusal)) from None
        except Exception as failure:
            self.failure = failure
            raise

    def cause(self, text: str) -> Exception | None:
        """What the function raised, if that is what the text is about."""
        return self.failure if self.failure is not None and type(self.failure).__name__ + ":" in text else None


def served(kernel: Kernel) -> None:
    """To whoever holds the pipes of this process."""
    worker.serve(kernel.declaration, kernel.evaluate, kernel.differs)


def parsed(text: str) -> contracts.Contract:
    try:
        return contracts.Contract.parse(text)
    except ValueError as error:
        raise Error(f"contract: {error}") from None


def with_defaults(roundings: str, defaults: str) -> str:
    """Each name once: what is said goes before."""
    said = {item.split(":")[0] for item in roundings.split(",")}
    return ",".join(i for i in [roundings, *(d for d in defaults.split(",") if d.split(":")[0] not in said)] if i)
