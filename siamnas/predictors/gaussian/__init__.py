"""The mathematics of Gaussian processes over the architectures of a space."""
