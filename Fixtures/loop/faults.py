"""Known faults in the words of kernel.py: by the name that `gdr judge` and `gdr mutants` give each, the right text and the wrong one."""

FAULTS = {
    "key-head-modulo": ("np.repeat(x[n], group, axis=2) for", "np.tile(x[n], (1, 1, group, 1)) for"),
    "decay-of-update": ("new = St + outer(beta[:, t, :, None] * e, k[:, t])", "new = St + g[:, t] * outer(beta[:, t, :, None] * e, k[:, t])"),
    "prediction-before-decay": ("e = v[:, t] - apply(St, k[:, t])\n        new", "e = v[:, t] - apply(S, k[:, t])\n        new"),
    "read-before-write": ("y[:, t] = apply(new, q[:, t])", "y[:, t] = apply(St, q[:, t])"),
    "mask-hides-output-only": ("S = np.where(live[:, t, None, None, None], new, S)", "S = new"),
    "decay-gradient-from-new-state": ("dSt * before, 0)", "dSt * states[t + 1], 0)"),
    "beta-gradient-undecayed": ("e = v[:, t] - apply(St, k[:, t])\n        dnew", "e = v[:, t] - apply(before, k[:, t])\n        dnew"),
    "value-gradient-without-beta": ("np.where(row, bt * h, 0)", "np.where(row, h, 0)"),
    "query-gradient-from-old-state": ("apply(turned(states[t + 1]), dy[:, t])", "apply(turned(before), dy[:, t])"),
    "key-gradient-without-read": ("bt * e) - apply(turned(St), bt * h), 0)", "bt * e), 0)"),
    "delta-cotangent-without-output": ("h = apply(dnew, k[:, t])", "h = apply(dS, k[:, t])"),
    "final-cotangent-ignored": ('dstate = x.get("dstate_out", np.zeros_like(states[-1]))', "dstate = np.zeros_like(states[-1])"),
    "group-averaged": ("group, Dk).sum(3)", "group, Dk).mean(3)"),
}


def planted(text, name):
    """The kernel with this fault. ValueError where its right text is not there once."""
    return replaced(text, *FAULTS[name])


def mended(text, name):
    """The inverse; None where the fault has no inverse here, or the text has no such line."""
    right, wrong = FAULTS.get(name, ("", ""))
    return replaced(text, wrong, right) if wrong and text.count(wrong) == 1 else None


def replaced(text, old, new):
    if text.count(old) != 1:
        raise ValueError(f"not there once: {old}")
    return text.replace(old, new)
