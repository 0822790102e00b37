"""The families of noise: every function with `@family` in a module of this folder is one."""
