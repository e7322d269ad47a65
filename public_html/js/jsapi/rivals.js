/**
 * One client at a time: the sockets of this browser that lead to one mailbox
 * tell each other who is the newest. Those of other browsers the server tells.
 */

export class Rivals {
  /**
   * @param {string} name of the mailbox
   * @param {() => void} lose there is a newer one
   */
  constructor(name, lose) {
    this.name = name;
    this.lose = lose;
    /** @type {BroadcastChannel | null} */
    this.channel = null;
  }

  /**
   * This one may be the newest: replies do not come in the order in which the
   * server gave out the numbers.
   * @param {number} number of its opening
   */
  announce(number) {
    this.end();
    try {
      this.channel = new BroadcastChannel(this.name);
      this.channel.onmessage = ({data}) => {
        if (data > number) this.lose();
      };
      this.channel.postMessage(number);
    } catch (error) {
      // Browsers without it have the server's word alone.
    }
  }

  end() {
    if (this.channel) this.channel.close();
    this.channel = null;
  }
}
