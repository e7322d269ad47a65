// An application as people write it first: one RTCPeerConnection, no sessions,
// no perfect negotiation. It does wrong what it is told to.

/** @typedef {import('playwright-core').Page} Page */

/**
 * @typedef {object} How
 * @property {string[]} [kinds] of m-lines to offer: data, audio, video
 * @property {string} [codec] the only one of its audio and video
 * @property {'ignore' | 'yield'} [glare] what it does when offers meet
 * @property {boolean} [early] posts its candidates before the description
 * @property {boolean} [mute] posts no candidates
 * @property {boolean} [mixed] answers with what another connection answered
 * @property {[string, string]} [edit] of its own descriptions: this to that
 * @property {string} [to] calls that one, not who is there
 */

/** Makes the connection; hears nothing yet. @param {Page} page @param {How}
 * how */
export const open = (page, how) => page.evaluate((how) => {
  const self = /** @type {any} */ (globalThis);
  const { room } = self;
  const other = how.to ?? [...room.peers.keys()][0];
  const pc = self.pc = new RTCPeerConnection();
  self.found = [];
  let held = how.early === true;

  const limit = () => {
    for (const transceiver of how.codec ? pc.getTransceivers() : []) {
      const all = RTCRtpReceiver.getCapabilities(
        transceiver.receiver.track.kind)?.codecs ?? [];
      const some = all.filter(({ mimeType }) => mimeType === how.codec);
      if (some.length) transceiver.setCodecPreferences(some);
    }
  };
  const say = async (/** @type {any} */ description, re = undefined) => {
    const [from, to] = how.edit ?? ['', ''];
    const { type, sdp } = description;
    await room.post('description', { type, sdp: sdp.replaceAll(from, to), re },
      other);
  };
  pc.onicecandidate = ({ candidate }) => {
    if (how.mute) return;
    if (held) self.found.push(candidate);
    else void room.post('candidate', candidate?.toJSON() ?? null, other);
  };
  for (const kind of how.kinds ?? []) {
    if (kind === 'data') pc.createDataChannel('data');
    else pc.addTransceiver(kind);
  }
  limit();

  self.offer = async () => {
    await pc.setLocalDescription(await pc.createOffer());
    if (held) {
      while (pc.iceGatheringState !== 'complete') {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      for (const each of self.found) {
        if (each) await room.post('candidate', each.toJSON(), other);
      }
      held = false;
    }
    await say(pc.localDescription);
  };
  const answerOf = async (/** @type {any} */ offer) => {
    if (!how.mixed) return pc.createAnswer();
    // As if the answers of two calls had been mixed up.
    const [one, two] = [new RTCPeerConnection(), new RTCPeerConnection()];
    one.createDataChannel('data');
    await one.setLocalDescription(await one.createOffer());
    await two.setRemoteDescription(/** @type {any} */ (one.localDescription));
    await pc.setLocalDescription(await pc.createAnswer());
    return two.createAnswer();
  };
  const take = async (/** @type {any} */ { seq, type, body }) => {
    if (type === 'candidate') return pc.addIceCandidate(body ?? undefined);
    if (type !== 'description') return undefined;
    const { re, ...init } = body;
    if (init.type !== 'offer') return pc.setRemoteDescription(init);
    if (how.glare === 'ignore' && pc.signalingState !== 'stable') {
      return undefined;
    }
    await pc.setRemoteDescription(init);
    limit();
    const answer = await answerOf(init);
    if (!how.mixed) await pc.setLocalDescription(answer);
    return say(answer, seq);
  };
  self.listen = async () => {
    for await (const message of room) {
      // What fails, fails silently, as it does in such applications.
      if (message.from === other) await take(message).catch(() => {});
    }
  };
}, how);

/** @param {Page} page */
export const offer = (page) =>
  page.evaluate(() => /** @type {any} */ (globalThis).offer());

/** @param {Page} page */
export const listen = (page) => page.evaluate(() => {
  void /** @type {any} */ (globalThis).listen();
});
