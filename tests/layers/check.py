#!/usr/bin/env python3
"""Holds a folder of C files to its LAYERS: check.py FOLDER

Refused are an include of a header that stands below the including file in
the list, a file that the list does not name, a name without a file, a foreign
header in other hands than its owner's, a file of more than 400 lines and a
function of more than 80. Names on one line are one thing in several files:
their sources may include each other's headers.
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


class Layers:
    """The list: the rank of each name, its family (the number of its line)
    and, for each foreign header, the family that owns it."""

    def __init__(self, path):
        self.ranks, self.families = {}, {}
        self.owners, self.faults = {}, []
        family = 0
        for number, line in enumerate(open(path, encoding='utf-8'), 1):
            words = line.split('#')[0].split()
            if not words or words[0].isdigit():
                continue
            if not line[0].isspace():
                family = number
            for word in words:
                self.add(word, family, 'LAYERS:%d: ' % number)

    def add(self, word, family, where):
        if word == '*':
            self.families[word] = family
        elif word.startswith('<'):
            if word.strip('<>') in self.owners:
                self.faults.append(where + word + ' has an owner already')
            self.owners[word.strip('<>')] = family
        elif word in self.ranks:
            self.faults.append(where + word + ' stands here twice')
        else:
            self.ranks[word] = len(self.ranks)
            self.families[word] = family

    def owner(self, header):
        if header in self.owners or '/' not in header:
            return self.owners.get(header)
        return self.owners.get(header.split('/')[0] + '/')

    def name_of(self, family):
        return next(n for n, f in self.families.items() if f == family)


def check_own(name, suffix, header, layers):
    other = header.removesuffix('.h')
    if other == name:
        return None
    if other not in layers.ranks:
        return '"%s" is not in LAYERS' % header
    if suffix == '.c' and layers.families[other] == layers.families[name]:
        return None
    if layers.ranks[other] > layers.ranks[name]:
        return 'includes "%s", which stands above it' % header
    return None


def check_foreign(name, header, layers):
    owner = layers.owner(header)
    if owner is None:
        if SYSTEM.match(header):
            return None
        return '<%s> has no owner in LAYERS' % header
    if owner in (layers.families[name], layers.families.get('*')):
        return None
    return '<%s> belongs to %s' % (header, layers.name_of(owner))


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
    layers = Layers(os.path.join(folder, 'LAYERS'))
    faults, seen = layers.faults, set()
    for file in sorted(os.listdir(folder)):
        name, suffix = os.path.splitext(file)
        if suffix not in ('.c', '.h'):
            continue
        seen.add(name)
        if name not in layers.ranks:
            faults.append('%s: is not in LAYERS' % file)
            continue
        with open(os.path.join(folder, file), encoding='utf-8') as source:
            lines = source.read().splitlines()
        faults.extend(check_lengths(file, lines))
        for number, line in enumerate(lines, 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            fault = (check_foreign(name, found[1], layers) if found[1] else
                     check_own(name, suffix, found[2], layers))
            if fault:
                faults.append('%s:%d: %s' % (file, number, fault))
    faults.extend('LAYERS: no file of the name %s' % name
                  for name in layers.ranks if name not in seen)
    return faults


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found_faults = check(sys.argv[1])
    for fault_line in found_faults:
        print(fault_line)
    sys.exit(1 if found_faults else 0)
