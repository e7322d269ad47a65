// The client's modules in node, for what needs no browser. Node takes a file
// called .js for a module only when a package.json beside it says so.

import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { scratch } from '../http/letterbox.mjs';

const JS = fileURLToPath(new URL('../../public_html/js/', import.meta.url));

const folder = scratch();
cpSync(JS, folder, { recursive: true });
writeFileSync(join(folder, 'package.json'), '{"type": "module"}');

/** @param {string} name of a file @returns {Promise<any>} */
export const load = (name) => import(pathToFileURL(join(folder, name)).href);
