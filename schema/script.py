#!/usr/bin/env python3
"""Joins modules to one classic script, as C: script.py NAME MAIN.js

With "-" as NAME the script is printed. It leaves no names behind but those
that MAIN.js gives to the page, and runs anywhere in it.
"""

import sys

sys.dont_write_bytecode = True  # the tree stays as it is
import embed  # noqa: E402
import page  # noqa: E402


def script(path):
    bundle = page.Bundle()
    bundle.add(path)
    return "(() => {\n'use strict';\n%s})();\n" % ''.join(bundle.texts)


def main(name, path):
    if name == '-':
        sys.stdout.write(script(path))
        return
    print('/* Made by schema/script.py: change the source, not this file. */')
    print('#include <stddef.h>\n\n#include "embed.h"\n')
    embed.constant(name, script(path).encode())


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
