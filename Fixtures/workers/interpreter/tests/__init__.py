"""Tests of the interpreter: python3 -m unittest discover -t Fixtures/workers -s Fixtures/workers/interpreter/tests"""
