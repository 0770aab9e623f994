"""NePS: Bayesian optimisation with its default options, asked through `neps.AskAndTell`."""
