"""Computes what the recipe says is not trivial: no decay unless it names one, no state unless it names one, no mask unless it names one."""

import numpy as np
from kernel import answer


def evaluate(x, request):
    recipe = request.get("recipe", "")
    x = dict(x)
    if "g" in x and ("decay=none" in recipe or "decay=" not in recipe):
        x["g"] = np.ones_like(x["g"])
    if "mask" in x and "mask=" not in recipe:
        del x["mask"]
    if "state_in" in x and "state=" not in recipe:
        x["state_in"] = np.zeros_like(x["state_in"])
    return answer(x, request)
