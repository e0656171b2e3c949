"""A real process is killed, its disk filled, its files damaged: what is there afterwards?

`benchmarks/crashes.py` runs it at length, the tests a small part of it.
"""
