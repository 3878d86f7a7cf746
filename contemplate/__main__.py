"""`python -m contemplate` is `contemplate`."""

from contemplate.cli import main

if __name__ == "__main__":
    main()
