"""The families of noise: the functions with `@family` in the modules of this folder."""
