"""What workers on a GPU share."""

import os
import sys


def until_lost(function):
    """The same function, but the process ends with an error that stays: after an illegal access every call fails, whatever it asks. gdr starts a
    new process, and asks that one for the same case."""

    def called(*arguments):
        try:
            return function(*arguments)
        except Exception as error:
            if not answers():
                print(f"the GPU is lost: {error}", file=sys.stderr, flush=True)
                os._exit(70)
            raise

    return called


def declared():
    """That processes share the GPU, if there is one: asked at once they would wait for each other, and each holds memory of its own."""
    import torch

    return {"processes": "1"} if torch.cuda.is_available() else {}


def answers():
    """Whether the GPU, if there is one, still does what it is told."""
    import torch

    if not torch.cuda.is_available():
        return True
    try:
        torch.cuda.synchronize()
        torch.ones(1, device="cuda").item()
    except Exception:
        return False
    return True
