"""A kernel of this process, served to the binary as a worker.

The binary starts a relay (`relay.py`) as it would start any worker, and the relay carries its frames to a socket of this process, where the
kernel is called in the thread that called `gdr.judge`: a closure needs no pickling, and nothing is forked.
"""
