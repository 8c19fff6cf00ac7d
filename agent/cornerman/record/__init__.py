"""The journal of a call: written as it happens, read back for replay and review."""
