#!/usr/bin/env python3
"""Run public implementations of the gated delta rule and keep what they computed as safetensors files.

    pip install -r Fixtures/requirements.txt
    python3 Fixtures/make_fixtures.py                    # every library that is installed
    python3 Fixtures/make_fixtures.py --only mlx-lm      # one of them

A file holds the inputs, the cotangents, and the library's outputs and gradients, in one layout whatever the library's own:

    q k [B,T,Hk,Dk]   v y [B,T,Hv,Dv]   g beta a b [B,T,Hv], per channel g a [B,T,Hv,Dk]   states [B,Hv,Dv,Dk]   mask [B,T]
    A_log dt_bias [Hv], per channel [Hv,1] and [Hv,Dk]

    S~ = S g ;  e = v - S~ k ;  S = S~ + beta e k^T ;  y = S q             g = exp(-exp(A_log) softplus(a + dt_bias)),  beta = sigmoid(b)

Value head h reads q/k head h // (Hv / Hk); y has no scale; g is linear. A file of another rule says so under `contract`. Every file is compared with a float64 recurrence written here before
it is kept, so that a wrong scale, transposition or head map cannot become a fixture.
"""

import argparse
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent / "workers"))  # contracts, and the functions under them
from making import contracts, fla, mlx_lm, onnxruntime, transformers
from making.files import write

HERE = Path(__file__).resolve().parent
sys.path = [p for p in sys.path if Path(p).resolve() != HERE]  # its folders bear the libraries' names and must not pass for them
LIBRARIES = [mlx_lm, transformers, fla, onnxruntime, contracts]
PEERS = {name: peer for library in LIBRARIES for name, peer in library.PEERS.items()}
CASES = [case for library in LIBRARIES for case in library.CASES]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="LIBRARY", choices=sorted({c.library for c in CASES}), help="mlx-lm, transformers, fla, onnxruntime or onnx")
    parser.add_argument("--to", type=Path, default=HERE, help="folder to write to, by default the script's own")
    arguments = parser.parse_args()
    total = count = failures = 0
    print(f"{'file':42} {'bytes':>7} {'y':>9} {'state':>9} {'gradient':>9}           error over the largest element, against float64")
    for name, peer in PEERS.items():
        cases = [c for c in CASES if c.peer == name and arguments.only in (None, c.library)]
        if not cases:
            continue
        try:
            run = peer.load()
        except ImportError as error:
            print(f"skipped: {peer.function} ({error})")
            continue
        except Exception as error:
            failures += len(cases)
            print(f"failed: {peer.function}: {error}")
            continue
        for case in cases:
            try:
                total += write(case, peer, run, arguments.to)
                count += 1
            except Exception as error:  # one library's failure must not cost the others' files
                failures += 1
                print(f"failed: {case.name}: {error}")
    print(f"{count} files, {total} bytes, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
