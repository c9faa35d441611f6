"""Tests of the Metal road: python3 -m unittest discover -t Fixtures/workers -s Fixtures/workers/metal/tests"""
