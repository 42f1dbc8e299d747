"""The screens: a module a blueprint, named like it."""
