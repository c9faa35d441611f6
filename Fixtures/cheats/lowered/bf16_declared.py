"""Products of bf16 operands, and says so: it is judged by the law that it wrote itself. What it loses must be seen beside the verdict."""

from kernel import answer, with_fewer_bits

DECLARES = {"form": "chunked:64", "roundings": "products:bf16"}


def evaluate(x, request):
    return answer(x if request["arithmetic"] == "double" else with_fewer_bits(x, 8), request)
