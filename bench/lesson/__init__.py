"""The textbook build of a silent coach on the same framework, providers and playbook: Cornerman's peer."""
