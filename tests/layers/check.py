#!/usr/bin/env python3
"""Holds a folder of C files to its LAYERS: check.py FOLDER

Refused are an include of a header that stands at or below the including
file in the list, a file that the list does not name, a name without a file,
a foreign header in other hands than its owner's, a file of more than 400
lines and a function of more than 80.
"""

import os
import re
import sys

FILE_LINES = 400
FUNCTION_LINES = 80

# What C11, POSIX and Linux give to everybody.
SYSTEM = re.compile(r'^(sys|netinet|arpa|net|linux)/|^(' + '|'.join('''
    assert complex ctype errno fenv float inttypes iso646 limits locale math
    setjmp signal stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib
    stdnoreturn string strings tgmath threads time uchar wchar wctype
    dirent endian fcntl fnmatch getopt glob grp libgen netdb poll pthread pwd
    regex sched semaphore syslog termios unistd
    '''.split()) + r')\.h$')
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:<([^>]+)>|"([^"]+)")')


def read_layers(path):
    """Returns the rank of each name, and the owners of each foreign header."""
    ranks, owners, faults = {}, {}, []
    for number, line in enumerate(open(path, encoding='utf-8'), 1):
        words = line.split('#')[0].split()
        if not words or words[0].isdigit():
            continue
        name = words[0]
        if name != '*':
            if name in ranks:
                faults.append('LAYERS:%d: %s stands here twice'
                              % (number, name))
            ranks.setdefault(name, len(ranks))
        for header in words[1:]:
            header = header.strip('<>')
            if header in owners:
                faults.append('LAYERS:%d: <%s> has an owner already'
                              % (number, header))
            owners[header] = name
    return ranks, owners, faults


def owner_of(header, owners):
    if header in owners:
        return owners[header]
    return owners.get(header.split('/')[0] + '/') if '/' in header else None


def check_include(name, foreign, own, ranks, owners):
    """Returns what is wrong with one include, or None."""
    if own is not None:
        other = own.removesuffix('.h')
        if other == name:
            return None
        if other not in ranks:
            return '"%s" is not in LAYERS' % own
        if ranks[other] > ranks[name]:
            return 'includes "%s", which stands above it' % own
        return None
    owner = owner_of(foreign, owners)
    if owner in ('*', name) or owner is None and SYSTEM.match(foreign):
        return None
    if owner is None:
        return '<%s> has no owner in LAYERS' % foreign
    return '<%s> belongs to %s' % (foreign, owner)


def check_lengths(label, lines):
    if len(lines) > FILE_LINES:
        yield '%s: %d lines, at most %d' % (label, len(lines), FILE_LINES)
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith('{'):
            start = number
        elif line.startswith('}') and start is not None:
            if number - start - 1 > FUNCTION_LINES:
                yield '%s:%d: a function of %d lines, at most %d' % (
                    label, start, number - start - 1, FUNCTION_LINES)
            start = None


def check(folder):
    ranks, owners, faults = read_layers(os.path.join(folder, 'LAYERS'))
    seen = set()
    for file in sorted(os.listdir(folder)):
        name, suffix = os.path.splitext(file)
        if suffix not in ('.c', '.h'):
            continue
        seen.add(name)
        if name not in ranks:
            faults.append('%s: is not in LAYERS' % file)
            continue
        with open(os.path.join(folder, file), encoding='utf-8') as source:
            lines = source.read().splitlines()
        faults.extend(check_lengths(file, lines))
        for number, line in enumerate(lines, 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            fault = check_include(name, *found.groups(), ranks, owners)
            if fault:
                faults.append('%s:%d: %s' % (file, number, fault))
    faults.extend('LAYERS: no file of the name %s' % name
                  for name in ranks if name not in seen)
    return faults


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found_faults = check(sys.argv[1])
    for fault_line in found_faults:
        print(fault_line)
    sys.exit(1 if found_faults else 0)
