// A front door with https for a web server that has none, as most hosts have
// one: so that pages are at an address like those of everybody.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { once } from 'node:events';
import { join } from 'node:path';

/**
 * @param {string} base of the web server behind it
 * @param {string} name that it is called by
 * @param {string} folder for key and certificate
 */
export async function httpsDoor(base, name, folder) {
  const [key, cert] = ['door.key', 'door.crt'].map((file) =>
    join(folder, file));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
    'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj',
    `/CN=${name}`, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const behind = new URL(base);
  const door = https.createServer({ key: readFileSync(key),
    cert: readFileSync(cert) }, (request, reply) => {
    const { method, url: path, headers } = request;
    const inner = http.request({ host: behind.hostname, port: behind.port,
      method, path, headers }, (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
    });
    inner.on('error', () => reply.destroy());
    reply.on('close', () => inner.destroy());
    request.pipe(inner);
  }).listen(0, '127.0.0.1');
  await once(door, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (
    door.address());
  return { port, close: () => {
    door.close();
    door.closeAllConnections();
  } };
}
