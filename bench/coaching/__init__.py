"""Cornerman beside the obvious way to build it and beside the least that can be built, in the same run."""
