#!/usr/bin/env python3
"""Packs what is uploaded: pack.py VERSION PROGRAM NAME

Writes NAME.tar.gz and NAME.zip, each with one folder `letterbox`. The same
tree gives the same bytes: entries are sorted, owned by nobody in particular,
with fixed modes, and as old as the tree is (SOURCE_DATE_EPOCH, else the last
commit, else the newest date in CHANGELOG.md).
"""

import calendar
import gzip
import hashlib
import io
import os
import re
import subprocess
import sys
import tarfile
import time
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FOLDER = 'letterbox'
PROGRAMS = ('letterbox.cgi', 'letterbox.fcgi')

# Where the pages look for the program, in this order.
API = '<meta name="letterbox-api" content="letterbox.fcgi letterbox.cgi">'

# Documents; the page and the scripts that the program alone serves; and what
# Python leaves where somebody has tried the modules.
OTHERS = re.compile(r'^docs/|/\.|(^|/)(doctor|jsapi|websocket)\b|\.pyc$')

# A zip knows no earlier date.
OLDEST = calendar.timegm((1980, 1, 1, 0, 0, 0))


def read(*path):
    with open(os.path.join(ROOT, *path), 'rb') as file:
        return file.read()


def age():
    given = os.environ.get('SOURCE_DATE_EPOCH')
    if not given and os.path.exists(os.path.join(ROOT, '.git')):
        given = subprocess.run(['git', 'log', '-1', '--format=%ct'], cwd=ROOT,
                               capture_output=True, check=False).stdout
    if not given:
        found = re.search(rb'^## .*?(\d{4}-\d\d-\d\d)', read('CHANGELOG.md'),
                          re.M)
        given = found and calendar.timegm(
            time.strptime(found[1].decode(), '%Y-%m-%d'))
    # A zip counts in steps of two seconds.
    return max(int(given or 0), OLDEST) & ~1


def pages():
    """public_html as far as the pages of a call need it."""
    top = os.path.join(ROOT, 'public_html')
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), top)
            if OTHERS.search(path):
                continue
            data = read('public_html', path)
            yield path, with_api(path, data) if path.endswith('.html') else data


def with_api(path, page):
    page, named = re.subn(rb'<meta name="letterbox-api"[^>]*>', API.encode(),
                          page)
    if not named:
        page, named = re.subn(rb'( *)<title>', rb'\1' + API.encode() +
                              rb'\n\1<title>', page, count=1)
    if named != 1:
        sys.exit('%s: has no place to name the program' % path)
    return page


def contents(version, program):
    """[(name, mode, data)], sorted by name."""
    files = dict(pages())
    files['.htaccess'] = read('httpd-conf', 'upload', 'htaccess')
    files['README.txt'] = read('httpd-conf', 'upload', 'README.txt').replace(
        b'VERSION', version.encode())
    files['LICENSE.txt'] = read('LICENSE')
    with open(program, 'rb') as file:
        data = file.read()
    for name in PROGRAMS:
        files[name] = data
    files['SHA256SUMS'] = ''.join(
        '%s  %s\n' % (hashlib.sha256(files[name]).hexdigest(), name)
        for name in sorted(files)).encode()
    return [(name, 0o755 if name in PROGRAMS else 0o644, files[name])
            for name in sorted(files)]


def folders_of(files):
    names = {FOLDER}
    for name, _, _ in files:
        while name := os.path.dirname(name):
            names.add(FOLDER + '/' + name)
    return sorted(names)


def write_tar(path, files, when):
    def entry(name, mode, kind):
        info = tarfile.TarInfo(name)
        info.mode, info.mtime, info.type = mode, when, kind
        return info

    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=tarfile.USTAR_FORMAT) as tar:
        for name in folders_of(files):
            tar.addfile(entry(name, 0o755, tarfile.DIRTYPE))
        for name, mode, data in files:
            info = entry(FOLDER + '/' + name, mode, tarfile.REGTYPE)
            if name == PROGRAMS[1]:
                # The same file under two names is sent once.
                info.type = tarfile.LNKTYPE
                info.linkname = FOLDER + '/' + PROGRAMS[0]
                tar.addfile(info)
                continue
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    with open(path, 'wb') as file:
        with gzip.GzipFile(filename='', fileobj=file, mode='wb', mtime=0,
                           compresslevel=9) as packed:
            packed.write(out.getvalue())


def write_zip(path, files, when):
    date = time.gmtime(when)[:6]

    def entry(name, mode):
        info = zipfile.ZipInfo(name, date)
        info.create_system = 3  # Unix: the modes count
        info.external_attr = mode << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        return info

    with zipfile.ZipFile(path, 'w', compresslevel=9) as archive:
        for name in folders_of(files):
            archive.writestr(entry(name + '/', 0o040755), b'')
        for name, mode, data in files:
            archive.writestr(entry(FOLDER + '/' + name, 0o100000 | mode), data)


def main(version, program, name):
    files = contents(version, program)
    when = age()
    write_tar(name + '.tar.gz', files, when)
    write_zip(name + '.zip', files, when)


if __name__ == '__main__':
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
