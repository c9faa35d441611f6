"""Tests of the memory contract: python3 -m unittest discover -t Fixtures/workers -s Fixtures/workers/memory/tests"""
