"""TF32 products, as a library has them that was told it may, and nothing is declared."""

from kernel import answer, with_fewer_bits


def evaluate(x, request):
    return answer(x if request["arithmetic"] == "double" else with_fewer_bits(x, 11), request)
