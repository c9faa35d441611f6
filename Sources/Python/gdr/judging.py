"""`gdr.judge`: the cases of a run against a function of this process."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Mapping, Sequence

from gdr import examples as examples_of_tests
from gdr import settings as settings_of_tests
from gdr.errors import Error, Finding
from gdr.outcome import Outcome
from gdr.reading import explanation, finding_of_record, finding_of_replay, finding_of_silence, read, trouble
from gdr.serving.run import Ended, against, run

if TYPE_CHECKING:
    from gdr.kernels.kernel import Kernel


def judge(
    kernel: Callable[..., Any],
    *,
    contract: str = "plain",
    form: str = "sequential",
    clamp: str = "none",
    roundings: str = "",
    gradients: str | None = None,
    promises: str = "none",
    double: bool = False,
    declares: Mapping[str, str] | None = None,
    writes: str = "",
    law: str | None = None,
    cases: int = 200,
    seed: int | None = None,
    size: str = "small",
    families: str | None = None,
    formats: Sequence[str] = ("f32", "bf16", "f16"),
    decay_per: str = "head",
    empty: bool = False,
    arrays: str | None = None,
    device: str = "cpu",
    deadline: float = 60.0,
    examples: Sequence[str] = (),
    corpus: str | Path | None = None,
    name: str | None = None,
) -> Outcome:
    """Draws cases, calls the kernel on each, and compares every result with the reference.

    The kernel is called by the names of its parameters: some of q, k, v, g, beta, state, mask (the gates given; where a case has what they are made
    of, they are made for it) or a, b, A_log, dt_bias (the gates made inside). It returns y, (y, state) or a dictionary of results by name. Gradients
    of a torch kernel come from autograd; a numpy kernel that takes dy and dstate_out returns its own, others are judged by their outputs.

    What it computes: `contract`, as in "decay=log,qk=l2norm:1e-6". How: `form` ("sequential", "chunked:64"), `clamp`, `roundings`
    ("products:bf16"), `gradients` ("all", "none", "dq,dk"), `promises`, `double` (whether it also runs in float64), and what else of the worker
    protocol `declares` has. `writes` names the inputs that it may write into ("state"), and "outputs" where a later call may use their memory again:
    anything else that it changes is a finding. `law` replaces what is declared: "plain", "bf16", "chunked:64,products:bf16".

    Which cases: so many `cases` of a `seed` and a `size` ("small", "standard", "large"), or of `families` alone ("Hk1-Hv2-Dk64-Dv64/bf16");
    `formats` and `decay_per` ("head", "channel", "either") refuse others, as `empty` does with no tokens. `examples` and those of
    `@gdr.example` come first, then what is saved in `corpus`.

    - Raises Finding, an AssertionError, where the kernel is wrong; Unhealthy where the run does not prove anything; Error where it did not
      come to its end. Each case has `deadline` seconds.
    """
    __tracebackhide__ = True
    # Only here: what this imports takes a second with torch, and the command `gdr` passes through this file as well.
    from gdr.kernels.kernel import Kernel, Wishes

    settings = settings_of_tests.current.get()
    wishes = Wishes(
        contract=contract, form=form, clamp=clamp, roundings=roundings, gradients=gradients, promises=promises, double=double,
        declares=declares or {}, writes=writes, formats=(formats,) if isinstance(formats, str) else tuple(formats), decay_per=decay_per, empty=empty,
        arrays=arrays, device=device, deadline=deadline,
    )  # fmt: skip
    chosen = settings_of_tests.clean(name or settings.name or str(getattr(kernel, "__name__", type(kernel).__name__)))
    # Half as much again: a call that hangs is ended here, where it is known in which case.
    flags = [*against(chosen), "--deadline", f"{int(deadline * 1.5) + 30}s"] + (["--as", law] if law else [])
    served = Kernel(kernel, wishes)
    given = [*examples_of_tests.current.get(), *examples]
    if given:
        replay(served, chosen, flags, given, must_answer=True)
    place = Path(corpus) if corpus is not None else settings.corpus
    if saved := saved_cases(place, chosen):
        replay(served, chosen, flags, saved, must_answer=False)
    used = settings.seed if seed is None else seed
    drawn = ["--cases", str(settings.count(cases)), "--seed", str(used), "--jobs", "1", "--size", size, "--fail-fast"]
    return fuzz(served, chosen, flags, drawn + (["--families", families] if families else []), place, used)


def replay(served: Kernel, name: str, flags: list[str], cases: Sequence[str], must_answer: bool) -> None:
    """Cases that were given, in order."""
    __tracebackhide__ = True
    ended = asked(served, name, ["replay", "--only", name, *flags, "--", *cases])
    if ended.code == 1:
        finding = finding_of_replay(ended.output, name, served, explainer(served, name, flags))
        raise finding from served.cause(str(finding))
    refusal = next((line for line in (ended.output + ended.errors).splitlines() if " refuse" in line), None)
    if refusal and must_answer:
        raise Error(f"an example was not judged: {refusal.strip()}")
    if ended.code != 0 and not refusal:
        raise trouble(ended)


def fuzz(served: Kernel, name: str, flags: list[str], drawn: list[str], corpus: Path | None, seed: int) -> Outcome:
    """Cases that are drawn."""
    __tracebackhide__ = True
    with tempfile.TemporaryDirectory(prefix="gdr-") as folder:
        path, found = Path(folder) / "record.json", Path(folder) / "found"
        ended = asked(served, name, ["fuzz", *flags, *drawn, "--corpus", folder, "--report", str(path)])
        record = read(path)
        if corpus is not None:
            keep(sorted(found.glob(f"*@{name}.json")), corpus / "found")
    if ended.code == 1:
        finding = finding_of_record(record, ended, name, served, explainer(served, name, flags))
        raise finding from served.cause(str(finding))
    if ended.code != 0 or record is None:
        raise trouble(ended)
    return Outcome.of(record, seed, served.declaration["gradients"])


def explainer(served: Kernel, name: str, flags: list[str]) -> Callable[[str], list[str]]:
    """Asks the binary about a case; where it has nothing to say, nothing is lost."""

    def explain(recipe: str) -> list[str]:
        if served.failure is not None:
            return []  # what it raised says more
        try:
            return explanation(asked(served, name, ["explain", "--only", name, *flags, "--", recipe]).output)
        except Finding:
            return []

    return explain


def keep(files: list[Path], room: Path) -> None:
    """In a folder that is made where there is something to keep; a finding is no less one where it cannot be written."""
    try:
        for file in files:
            room.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, room / file.name)
    except OSError as error:
        warnings.warn(f"gdr: a finding could not be saved: {error}", stacklevel=4)


def asked(served: Kernel, name: str, arguments: list[str]) -> Ended:
    """A run to its end, or to that of the patience with the kernel."""
    __tracebackhide__ = True
    from gdr.kernels.kernel import Stop

    hung = None
    try:
        return run(arguments, served.answer)
    except Stop as stop:
        hung = stop.recipe
    raise finding_of_silence(name, hung, served)


def saved_cases(corpus: Path | None, name: str) -> list[str]:
    """Those of this kernel, what is known to fail left out."""
    if corpus is None:
        return []
    return [str(path) for room in ("regression", "found") for path in sorted((corpus / room).glob(f"*@{name}.json"))]
