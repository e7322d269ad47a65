// The description of the API as a judge: what may be asked, what may be
// answered. It knows schema/openapi.yaml and schema/messages/, no server.

import { readFileSync, readdirSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import { parse } from 'yaml';

const SCHEMA = new URL('../../schema/', import.meta.url);

/** @type {any} */
export const spec = parse(
  readFileSync(new URL('openapi.yaml', SCHEMA), 'utf8'), { merge: true });

const Ajv = /** @type {any} */ (Ajv2020).default ?? Ajv2020;
const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addSchema(spec, 'spec', undefined, false);

/** @type {Map<string, any>} name of a message type -> schema of its body */
export const messageSchemas = new Map();
for (const file of readdirSync(new URL('messages/', SCHEMA))) {
  const text = readFileSync(new URL(`messages/${file}`, SCHEMA), 'utf8');
  messageSchemas.set(file.replace(/\.json$/, ''), JSON.parse(text));
}

/** @param {string} step one step of a JSON pointer */
const escape = (step) => step.replaceAll('~', '~0').replaceAll('/', '~1')
  .replaceAll('{', '%7B').replaceAll('}', '%7D');

/** @type {Map<string, any>} */
const compiled = new Map();

/**
 * Says what is wrong with a value, or undefined.
 * @param {string} pointer of the schema, `spec#/...`
 * @param {unknown} value
 * @returns {string | undefined}
 */
export function faultOf(pointer, value) {
  let check = compiled.get(pointer);
  if (!check)
    compiled.set(pointer, check = ajv.compile({ $ref: pointer }));
  return check(value) ? undefined : ajv.errorsText(check.errors);
}

/**
 * Says what is wrong with the body of a message, or undefined.
 * @param {string} type
 * @param {unknown} body
 * @returns {string | undefined}
 */
export function bodyFault(type, body) {
  const schema = messageSchemas.get(type);
  if (!schema) return `no schema of ${type}`;
  return ajv.validate(schema, body) ? undefined : ajv.errorsText();
}

const routes = Object.keys(spec.paths).map((template) => ({
  template,
  item: spec.paths[template],
  regex: new RegExp('^' + template.split(/\{\w+\}/)
    .map((s) => s.replaceAll('.', '\\.')).join('([^/]+)') + '$'),
}));

/**
 * @typedef {{template: string, item: any, values: string[],
 *   operation: any, methods: string[]}} Route
 * @param {string} method
 * @param {string} path without the mount and the query
 * @returns {Route | undefined}
 */
export function routeOf(method, path) {
  for (const { template, item, regex } of routes) {
    const found = regex.exec(path);
    if (!found) continue;
    const methods = Object.keys(item).filter((key) => key !== 'parameters')
      .map((key) => key.toUpperCase());
    const like = method === 'HEAD' ? 'get' : method.toLowerCase();
    return {
      template, item, methods, operation: item[like],
      values: found.slice(1).map(decodeURIComponent),
    };
  }
  return undefined;
}

/** @param {any} node @param {string} pointer of the node */
function resolve(node, pointer) {
  if (!node?.$ref) return { node, pointer };
  const found = node.$ref.split('/').slice(1)
    .reduce((/** @type {any} */ at, /** @type {string} */ step) => at[step], spec);
  return { node: found, pointer: 'spec' + node.$ref };
}

/**
 * Where the description of a reply stands.
 * @param {Route | undefined} route
 * @param {string} method
 * @param {number} status
 */
export function responseOf(route, method, status) {
  if (!route) return resolve({ $ref: '#/components/responses/NotFound' }, '');
  if (!route.operation)
    return resolve({ $ref: '#/components/responses/MethodNotAllowed' }, '');
  const pointer = `spec#/paths/${escape(route.template)}/` +
    `${method.toLowerCase()}/responses/${status}`;
  return resolve(route.operation.responses[status], pointer);
}

/**
 * @typedef {{method: string, path: string, query: URLSearchParams,
 *   headers: Record<string, string>, body?: Buffer}} Asked
 * Says what is wrong with a request, or undefined.
 * @param {Asked} asked
 * @returns {string | undefined}
 */
export function requestFault({ method, path, query, headers, body }) {
  const route = routeOf(method, path);
  if (!route?.operation) return `${method} ${path} is not described`;
  const all = [...(route.item.parameters ?? []),
    ...(route.operation.parameters ?? [])].map((p) => resolve(p, '').node);
  const inPath = all.filter((p) => p.in === 'path');
  const name = 'spec#/components/schemas/Name';
  for (const [i, value] of route.values.entries())
    if (faultOf(name, value)) return `${inPath[i].name} is not a name`;
  for (const [key, value] of query) {
    const at = (route.operation.parameters ?? []).findIndex(
      (/** @type {any} */ p) => p.in === 'query' && p.name === key);
    if (at < 0) return `query member ${key} is not described`;
    const number = route.operation.parameters[at].schema?.type === 'integer';
    const fault = faultOf(`spec#/paths/${escape(route.template)}/` +
      `${method.toLowerCase()}/parameters/${at}/schema`,
    number ? Number(value) : value);
    if (fault) return `query member ${key}: ${fault}`;
  }
  const wanted = route.operation.requestBody;
  if (wanted?.required === false && !body?.length) return undefined;
  if (!wanted) return body?.length ? 'a body is not described' : undefined;
  const media = (headers['content-type'] ?? '').split(';')[0];
  if (!wanted.content[media]) return `content type ${media}`;
  return faultOf(`spec#/paths/${escape(route.template)}/` +
    `${method.toLowerCase()}/requestBody/content/${escape(media)}/schema`,
  JSON.parse(String(body)));
}

/**
 * Says what is wrong with a reply, or undefined.
 * @param {{method: string, path: string}} asked
 * @param {{status: number, headers: Record<string, any>, body: Buffer}} reply
 * @returns {string | undefined}
 */
export function replyFault({ method, path }, { status, headers, body }) {
  const route = routeOf(method, path);
  const { node, pointer } = responseOf(route, method, status);
  if (!node) return `status ${status} is not described`;
  for (const [name, given] of Object.entries(node.headers ?? {})) {
    const header = resolve(given, '').node;
    const value = headers[name.toLowerCase()];
    if (value === undefined && header.required) return `no header ${name}`;
    const number = header.schema.type === 'integer';
    if (value !== undefined && ajv.validate(header.schema,
      number ? Number(value) : value) === false)
      return `header ${name}: ${value}`;
  }
  if (!node.content)
    return body.length ? `a body with status ${status}` : undefined;
  const media = String(headers['content-type']).split(';')[0];
  if (!node.content[media]) return `status ${status} as ${media}`;
  if (!media.endsWith('json')) return undefined;
  return faultOf(`${pointer}/content/${escape(media)}/schema`,
    JSON.parse(String(body)));
}
