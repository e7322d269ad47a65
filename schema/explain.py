#!/usr/bin/env python3
"""The rules of explain.json as a module for pages: explain.py > table.js

A page, or a report that is one file, can import a module but no JSON.
"""

import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    with open(os.path.join(HERE, 'explain.json'), encoding='utf-8') as file:
        rules = json.load(file)['rules']
    print('/** Made of schema/explain.json by schema/explain.py: change that, '
          'not this.\n * @type {import(\'./words.js\').Rule[]} */')
    print('export const RULES = %s;' %
          json.dumps(rules, indent=1, ensure_ascii=False))


if __name__ == '__main__':
    main()
