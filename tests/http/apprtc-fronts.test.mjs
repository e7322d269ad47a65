// AppRTC on a port of its own, by the files of httpd-conf for that: a visit, a
// channel and messages, at the paths that unmodified pages know.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Api } from './api.mjs';
import { User, newRoom, visit } from './apprtc.mjs';
import { startServer } from './harness.mjs';

describe('AppRTC at the root', { concurrency: 2 }, () => {
  for (const front of ['lighttpd', 'lighttpd-spawned', 'nginx',
    'apache-proxy']) {
    test(`under ${front}`, async () => {
      const server = await startServer({ front, apprtc: true });
      const api = new Api(server.apprtc);
      try {
        const sent = await visit(api, { hd: 'true' });
        assert.equal(sent.status, 302);
        assert.match(sent.headers.location ?? '', /^\/\?r=\d{8}&hd=true$/);
        const room = newRoom();
        const page = await visit(api, { r: room });
        assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
        assert.match(page.text, new RegExp(`"room_key":"${room}"`));
        const first = await User.join(api, newRoom());
        assert.equal(first.params.room_link,
          `${server.apprtc}/?r=${first.room}&t=json`);
        const second = await User.join(api, first.room);
        await first.open();
        const mail = first.hear(20);
        await second.post({ type: 'offer', sdp: 'v=0' });
        assert.deepEqual(await mail, [{ type: 'offer', sdp: 'v=0' }]);
        const script = await api.exchange('GET', '/_ah/channel/jsapi', {});
        assert.match(script.text, /goog/);
        writeFileSync(join(server.pages, 'own-2.html'), '<script>1</script>');
        const own = await api.exchange('GET', '/own-2.html', { query: { r: 'x' } });
        assert.equal(own.text, '<script>1</script>');
        assert.equal(own.headers['content-security-policy'], undefined);
        // What is not AppRTC's is there as ever.
        assert.equal((await api.exchange('GET', '/healthz', {})).status, 200);
      } finally {
        api.close();
        await server.stop();
      }
    });
  }
});
