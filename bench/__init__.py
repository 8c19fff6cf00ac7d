"""What is measured, each figure beside a peer's in the same run. Run from the root of the repository."""
