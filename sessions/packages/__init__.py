"""Packages that a person lets into the kernel of a workspace: from allowed registries, as wheels.

The kernel has no network. A process of its own, in walls of its own, resolves and unpacks; the host
connects it to registries and moves what came out into place. Nothing of a package is ever run or
imported outside the kernel.
"""
