"""What every trainer gets: docs/decisions/0017-kit.md. A trainer's own package has the rest."""

from kit.computing import kernels

# No module of the kit, and none of a package that imports the kit first, imports numpy before this line.
kernels.pin()
