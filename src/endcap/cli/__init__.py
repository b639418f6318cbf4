"""The command line: one file a command."""

from __future__ import annotations

import sys

EXIT_BUG = 1
EXIT_USAGE = 2
EXIT_DATA = 3
EXIT_SHOP = 4
EXIT_UNKNOWN_ID = 5
EXIT_STORAGE = 6
EXIT_ALARM = 7
EXIT_INTERRUPTED = 130


def main() -> None:
    """Run the command line, and end with an exit code that means something."""
    from endcap import errors
    from endcap.cli.app import app
    from endcap.cli.output import error_line

    codes = [
        (errors.ParameterError, EXIT_USAGE),
        (errors.UnknownIdError, EXIT_UNKNOWN_ID),
        (errors.IdTypeError, EXIT_UNKNOWN_ID),
        (errors.StorageError, EXIT_STORAGE),
        (errors.ShopError, EXIT_SHOP),
        (errors.ModelFileError, EXIT_SHOP),
        (errors.NotFittedError, EXIT_SHOP),
        (errors.EndcapError, EXIT_DATA),
    ]
    try:
        app()
    except errors.EndcapError as error:
        error_line(str(error))
        sys.exit(next(code for kind, code in codes if isinstance(error, kind)))
    except KeyboardInterrupt:
        error_line("stopped; nothing was changed")
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of a pipe left, as `head` does; nothing to say and nobody to say it to
        sys.exit(0)
