"""The least that can be built on the same framework: what no coach can be sooner or cheaper than."""
