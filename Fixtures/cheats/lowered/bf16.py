"""Products of bf16 operands, where fp32 is asked for and nothing is declared: three times as fast on a GPU. In fp64 it is honest."""

from kernel import answer, with_fewer_bits


def evaluate(x, request):
    return answer(x if request["arithmetic"] == "double" else with_fewer_bits(x, 8), request)
