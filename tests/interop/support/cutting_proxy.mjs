// Passes TCP connections on to a server, and cuts them in the middle of what they carry. TLS goes through it as it is.
import net from 'node:net';

export class CuttingProxy {
  #listener;
  #pairs = new Set();
  #armed = false;
  #upstream;
  #tls;

  /** Connections that were cut. */
  cuts = 0;

  constructor(upstream, tls) { this.#upstream = upstream; this.#tls = tls; }

  static async start(upstream, { tls = false } = {}) {
    const proxy = new CuttingProxy(upstream, tls);
    proxy.#listener = net.createServer((client) => proxy.#carry(client));
    await new Promise((resolve) => proxy.#listener.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url() { return `${this.#tls ? 'https' : 'http'}://127.0.0.1:${this.#listener.address().port}`; }

  /**
   * So many bytes of a connection, both directions together, are not cut. Not the upgrade itself: a client that cannot come
   * back at once gives up. Under TLS nobody sees it, nor which connections only negotiate: more is spared than either takes.
   */
  get spared() { return this.#tls ? 12_000 : 2000; }

  /** The next piece that a WebSocket carries, in either direction, arrives in part only; then its connection is reset. */
  cut_soon() { this.#armed = true; }
  get armed() { return this.#armed; }

  #carry(client) {
    const server = net.connect(this.#upstream, '127.0.0.1');
    const pair = { client, server, upgraded: this.#tls, bytes: 0 };
    this.#pairs.add(pair);
    const end = () => { client.destroy(); server.destroy(); this.#pairs.delete(pair); };
    const pass = (from, to) => {
      from.setNoDelay(true);
      from.on('data', (chunk) => {
        pair.upgraded ||= from === client && chunk.includes('Upgrade: websocket');
        pair.bytes += chunk.length;
        if (this.#armed && pair.upgraded && pair.bytes > this.spared) {
          this.#armed = false;
          this.cuts += 1;
          to.write(chunk.subarray(0, Math.floor(Math.random() * chunk.length)), () => {
            client.resetAndDestroy();
            server.resetAndDestroy();
          });
          from.pause();
          return;
        }
        if (!to.write(chunk)) { from.pause(); to.once('drain', () => from.resume()); }
      });
      from.on('error', end).on('close', end);
    };
    pass(client, server);
    pass(server, client);
  }

  async stop() {
    for (const { client, server } of this.#pairs) { client.destroy(); server.destroy(); }
    await new Promise((resolve) => this.#listener.close(resolve));
  }
}
