"""Honest, and slow: it takes ten milliseconds longer than it has to, and no two calls take equally long."""

import random
import time

from kernel import answer


def evaluate(x, request):
    time.sleep(0.01 * random.random())
    return answer(x, request)
