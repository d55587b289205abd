"""How fast the package is beside its peers: cases, the harness that times them, and what it found."""
