"""How a kernel is called: one configuration, and loops whose variable is a tensor."""

from __future__ import annotations

import builtins

from triton.runtime import autotuner, interpreter


def run(self, *args, **kwargs):
    """The first configuration that the kernel's own pruning leaves; nothing is timed, which would need a GPU."""
    self.nargs = dict(zip(self.arg_names, args))
    config = self.prune_configs(kwargs)[0] if len(self.configs) > 1 else self.configs[0]
    self.best_config = config
    if config.pre_hook is not None:
        config.pre_hook({**self.nargs, **kwargs, **config.all_kwargs()})
    try:
        return self.fn.run(*args, **kwargs, **config.all_kwargs())
    finally:
        self.nargs = None


def tensors(*bounds):
    """range, as in a compiled kernel, where i.to(...) is allowed."""
    for i in builtins.range(*(b.__index__() for b in bounds)):
        yield interpreter._implicit_cvt(i)


def with_tensors(call):
    def called(self, *args, **kwargs):
        scope = self.fn.__globals__
        before = scope.get("range")
        scope["range"] = tensors
        try:
            return call(self, *args, **kwargs)
        finally:
            if before is None:
                scope.pop("range", None)
            else:
                scope["range"] = before

    return called


def install() -> None:
    autotuner.Autotuner.run = run
    interpreter.GridExecutor.__call__ = with_tensors(interpreter.GridExecutor.__call__)
