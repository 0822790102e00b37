"""`python -m c2seg_bench` is the command `c2seg-bench`."""

from c2seg_bench.cli.main import main

if __name__ == "__main__":
    main()
