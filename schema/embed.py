#!/usr/bin/env python3
"""Turns files of schema/ into C: embed.py text|yaml|migrations NAME FILE...

text        one NUL-terminated string and its length, byte for byte
yaml        the same, after conversion to JSON
migrations  a table {version, SQL}, ended by {0, NULL}; the version is the
            number that the file's name begins with (schema/migrations/NNN.sql)
"""

import hashlib
import os
import re
import sys


def literal(data):
    """C string literals, one a line of the text."""
    if not data:
        return '\t""'
    rows = []
    for line in data.splitlines(keepends=True):
        out = []
        for byte in line:
            char = chr(byte)
            if char in '"\\?':
                out.append('\\' + char)
            elif 32 <= byte < 127:
                out.append(char)
            elif char == '\n':
                out.append('\\n')
            elif char == '\t':
                out.append('\\t')
            else:
                out.append('\\%03o' % byte)
        rows.append('\t"%s"' % ''.join(out))
    return '\n'.join(rows)


def read(path):
    with open(path, 'rb') as file:
        data = file.read()
    if b'\0' in data:
        sys.exit('%s: a NUL byte would end the string early' % path)
    return data


def constant(name, data):
    print('const char %s[] =\n%s;\n' % (name, literal(data)))
    print('const size_t %s_len = sizeof(%s) - 1;' % (name, name))
    print('const char %s_tag[] = "%s";'
          % (name, hashlib.sha256(data).hexdigest()[:16]))


def yaml_as_json(path):
    import json
    import yaml
    return json.dumps(yaml.safe_load(read(path)), ensure_ascii=False,
                      indent=0, separators=(',', ':')).encode()


def migrations(name, paths):
    print('const struct embed_migration %s[] = {' % name)
    seen = set()
    for path in sorted(paths):
        found = re.match(r'([0-9]+)', os.path.basename(path))
        if not found or int(found[1]) in seen:
            sys.exit('%s: needs a version of its own in front' % path)
        seen.add(int(found[1]))
        print('\t{ %d,\n%s },' % (int(found[1]), literal(read(path))))
    print('\t{ 0, NULL }\n};')


def main(kind, name, paths):
    print('/* Made by schema/embed.py: change the source, not this file. */')
    print('#include <stddef.h>\n\n#include "embed.h"\n')
    if kind == 'migrations':
        migrations(name, paths)
    elif kind == 'yaml':
        constant(name, yaml_as_json(paths[0]) if paths else b'{}')
    elif kind == 'text':
        constant(name, read(paths[0]))
    else:
        sys.exit(__doc__)


if __name__ == '__main__':
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
