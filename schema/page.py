#!/usr/bin/env python3
"""Makes one file of a page and turns it into C: page.py NAME PAGE.html [call]

What the page links to is put in its place: style sheets, its one module with
all that it imports, icon and pictures (as data: addresses). Its
Content-Security-Policy gets the hashes of the script and of the style, so that
the browser runs these and nothing else; NAME_policy is that policy. With "-" as
NAME the page is printed. With "call" the page is one of the two of a call: the
program serves both under one address, which is that of the API as well.

It knows the imports and exports that the pages use and refuses others:
  import {a, b} from './x.js';    import * as x from './x.js';
  export function|async function|class|const NAME    export {a, b};
"""

import base64
import hashlib
import os
import re
import sys

sys.dont_write_bytecode = True  # the tree stays as it is
import embed  # noqa: E402

IMPORT = re.compile(r"^import\s+(\{[^}]*\}|\*\s+as\s+\w+)\s+from\s+"
                    r"'(\.[^']*)';[ \t]*$", re.M)
EXPORT = re.compile(r'^export\s+(?=(?:async\s+)?(?:function\b\*?|class\b|'
                    r'const\b)\s*(\w+))', re.M)
NAMES = re.compile(r'^export\s+\{([^}]*)\};[ \t]*$', re.M)
OTHER = re.compile(r'^(?:import|export)\b.*$|\bimport\.meta\b|'
                   r'(?<![@{])\bimport\((?!\'\.[^)]*\'\)\.)', re.M)
CALL = """<meta name="letterbox-api" content="?path=">
  <meta name="letterbox-room" content="?">
  <title>"""
TYPES = {'.svg': 'image/svg+xml', '.png': 'image/png'}


def text_of(path):
    return embed.read(path).decode()


def names_of(braces):
    """{a, b as c} of an import, as the pattern {a, b: c}."""
    return re.sub(r'\s+as\s+', ': ', braces)


class Bundle:
    """Modules, each once, behind all that it imports."""

    def __init__(self):
        self.numbers = {}
        self.texts = []

    def add(self, path, above=()):
        path = os.path.normpath(path)
        if path in above:
            sys.exit('%s: imports itself in a circle' % path)
        if path not in self.numbers:
            text = self.convert(path, text_of(path), above + (path,))
            self.numbers[path] = len(self.texts)
            self.texts.append('const m%d = (() => {\n%s})();\n'
                              % (len(self.texts), text))
        return self.numbers[path]

    def convert(self, path, text, above):
        def imported(found):
            other = os.path.join(os.path.dirname(path), found[2])
            number = self.add(other, above)
            star = re.match(r'\*\s+as\s+(\w+)', found[1])
            name = star[1] if star else names_of(found[1])
            return 'const %s = m%d;' % (name, number)

        exports = EXPORT.findall(text)
        for names in NAMES.findall(text):
            exports += [name.strip() for name in names.split(',')]
        text = NAMES.sub('', EXPORT.sub('', IMPORT.sub(imported, text)))
        left = OTHER.search(text)
        if left:
            sys.exit('%s: not understood: %s' % (path, left[0]))
        return text + 'return {%s};\n' % ', '.join(exports)


def data_address(path):
    kind = TYPES[os.path.splitext(path)[1]]
    return 'data:%s;base64,%s' % (
        kind, base64.b64encode(embed.read(path)).decode())


def digest(text):
    return "'sha256-%s'" % base64.b64encode(
        hashlib.sha256(text.encode()).digest()).decode()


class Page:
    def __init__(self, path):
        self.folder = os.path.dirname(path)
        self.hashes = {'script-src': [], 'style-src': []}
        self.policy = ''
        self.html = self.whole(text_of(path))

    def serve_call(self):
        html = re.sub(r' *<meta name="letterbox-api"[^>]*>\n', '', self.html)
        self.html = html.replace('<title>', CALL, 1).replace(
            ' href="./"', ' href="?"')

    def path(self, name):
        return os.path.join(self.folder, name)

    def inline(self, tag, directive, text):
        if '</' + tag.split()[0] in text:
            sys.exit('%s would end too early' % tag)
        self.hashes[directive].append(digest(text))
        return '<%s>%s</%s>' % (tag, text, tag.split()[0])

    def script(self, found):
        bundle = Bundle()
        bundle.add(self.path(found[1]))
        return self.inline('script type="module"', 'script-src',
                           '\n' + ''.join(bundle.texts))

    def style(self, found):
        return self.inline('style', 'style-src',
                           '\n' + text_of(self.path(found[1])))

    def whole(self, html):
        html = re.sub(r'<link rel="stylesheet" href="([^"]*)">', self.style,
                      html)
        html = re.sub(r'<script type="module" src="([^"]*)"></script>',
                      self.script, html)
        html = re.sub(r'(?<=[" ])(href|src)="(img/[^"]*)"', lambda found:
                      '%s="%s"' % (found[1],
                                   data_address(self.path(found[2]))), html)
        rules = ''.join('; %s %s' % (name, ' '.join(hashes)) for name, hashes
                        in sorted(self.hashes.items()) if hashes)

        def policy(found):
            self.policy = found[2] + "; img-src 'self' data:" + rules
            return found[1] + self.policy

        html, count = re.subn(r'(http-equiv="Content-Security-Policy" '
                              r'content=")([^"]*)(?=")', policy, html)
        if count != 1:
            sys.exit('the page needs one Content-Security-Policy')
        return html


def main(name, path, kind=''):
    page = Page(path)
    if kind == 'call':
        page.serve_call()
    if name == '-':
        sys.stdout.write(page.html)
        return
    print('/* Made by schema/page.py: change the source, not this file. */')
    print('#include <stddef.h>\n\n#include "embed.h"\n')
    embed.constant(name, page.html.encode())
    print('\nconst char %s_policy[] =\n%s;'
          % (name, embed.literal(page.policy.encode())))


if __name__ == '__main__':
    if len(sys.argv) not in (3, 4) or sys.argv[3:] not in ([], ['call']):
        sys.exit(__doc__)
    main(*sys.argv[1:])
