#!/usr/bin/env python3
"""The rules of explain.json in other forms: explain.py module|table

module  for pages and reports that are one file, which import no JSON:
        public_html/js/replay/explain/table.js
table   for people: the one in public_html/docs/explain.md
"""

import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def module(rules):
    print('/** Made of schema/explain.json by schema/explain.py: change that, '
          'not this.\n * @type {import(\'./words.js\').Rule[]} */')
    print('export const RULES = %s;' %
          json.dumps(rules, indent=1, ensure_ascii=False))


def table(rules):
    print('| rule | what it looks like | cure | see |\n|---|---|---|---|')
    for rule in rules:
        words = ' *or* '.join(
            re.sub(r'\{([a-z]+)\}', blank, text).replace('|', '\\|')
            for text in rule['words'].values())
        print('| **%s** `%s` | %s | %s | %s |' %
              (rule['title'], rule['id'], words, rule['cure'], rule['source']))


def blank(found):
    """What stands in the place of what is filled in."""
    return {'a': 'A', 'b': 'B', 'seq': '#', 'other': '#', 'count': 'n',
            'n': 'n', 'time': 't', 'detail': '…'}[found[1]]


def main(form):
    with open(os.path.join(HERE, 'explain.json'), encoding='utf-8') as file:
        rules = json.load(file)['rules']
    {'module': module, 'table': table}[form](rules)


if __name__ == '__main__':
    if sys.argv[1:] not in (['module'], ['table']):
        sys.exit(__doc__)
    main(sys.argv[1])
