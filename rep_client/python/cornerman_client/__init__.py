"""The rep side of a Cornerman call."""
