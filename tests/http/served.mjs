// A test with a server of its own, which is gone when the test is over.

import { Api } from './api.mjs';
import { startServer } from './harness.mjs';

/**
 * @param {Parameters<typeof startServer>[0]} options
 * @param {(server: import('./harness.mjs').Server, api: Api) => Promise<void>}
 *   body
 */
export async function served(options, body) {
  const server = await startServer({ cold: true, ...options });
  const api = new Api(server.api);
  try {
    await body(server, api);
  } finally {
    api.close();
    await server.stop();
  }
}
