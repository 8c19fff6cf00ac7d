"""`cornerman demo`: a recorded sales call played into a real room, coached for real, and reported on."""

from cornerman.demo.run import run_demo

__all__ = ["run_demo"]
