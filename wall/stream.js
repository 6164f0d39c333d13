// A socket in name: the same messages (graphql-transport-ws), carried by requests and by event streams (graphql-sse, distinct
// connections) where a proxy lets no socket pass.

const [OPEN, CLOSED] = [1, 3];
const FORBIDDEN = 4403;
/** The server says something in every stream at least each 12 s. */
const STREAM_QUIET_MS = 15_000;

export class StreamSocket {
  /** A line on which nothing was heard for so long is dead. */
  static SILENCE_MS = STREAM_QUIET_MS + 10_000;

  readyState = 0;
  onopen = () => {};
  onmessage = (_) => {};
  onclose = (_) => {};
  #url;
  #headers = { "content-type": "application/json", accept: "text/event-stream" };
  /** By id, how to end what runs. */
  #running = new Map();
  #heardAt = performance.now();

  constructor(url) {
    this.#url = url;
    setTimeout(() => {
      if (this.readyState === CLOSED) return;
      this.readyState = OPEN;
      this.onopen();
    }, 0);
  }

  send(text) {
    const { type, id, payload } = JSON.parse(text);
    if (type === "connection_init") this.#begin(payload);
    else if (type === "subscribe") this.#run(id, payload);
    else if (type === "complete" && this.#running.has(id)) this.#running.get(id).abort();
    // No news is good news for so long.
    else if (type === "ping" && performance.now() - this.#heardAt < STREAM_QUIET_MS) this.#say({ type: "pong" });
  }

  close() {
    this.#close(1000);
  }

  #say = (message) => {
    if (this.readyState !== CLOSED) this.onmessage({ data: JSON.stringify(message) });
  };

  #close = (code) => {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    for (const running of this.#running.values()) running.abort();
    this.#running.clear();
    this.onclose({ code });
  };

  /** Whether the server is there, and knows the token. */
  #begin = async (payload) => {
    if (payload && payload.authorization) this.#headers.authorization = payload.authorization;
    try {
      const body = JSON.stringify({ query: "{ today }" });
      const headers = { ...this.#headers, accept: "application/json" };
      const { status } = await fetch(this.#url, { method: "POST", headers, body });
      if (status === 401 || status === 403) return this.#close(FORBIDDEN);
      if (status !== 200) return this.#close(1011);
      this.#heardAt = performance.now();
      this.#say({ type: "connection_ack" });
    } catch {
      this.#close(1006);
    }
  };

  #run = async (id, payload) => {
    const running = new AbortController();
    this.#running.set(id, running);
    try {
      const response = await fetch(this.#url, {
        method: "POST", headers: this.#headers, body: JSON.stringify(payload), signal: running.signal,
      });
      if (!(response.headers.get("content-type") || "").startsWith("text/event-stream")) {
        const answer = await response.json();
        this.#running.delete(id);
        if (!answer.data) return this.#say({ id, type: "error", payload: answer.errors || [] });
        this.#say({ id, type: "next", payload: answer });
        return this.#say({ id, type: "complete" });
      }
      if (await this.#read(id, response.body.getReader())) this.#running.delete(id);
      // A stream that broke off takes the line with it, and all begins anew.
      else this.#close(1006);
    } catch {
      this.#running.delete(id);
      if (!running.signal.aborted) this.#close(1006);
    }
  };

  /** Passes on the events of a stream. Returns whether it came to its end. */
  #read = async (id, reader) => {
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return false;
      this.#heardAt = performance.now();
      text += decoder.decode(value, { stream: true });
      const events = text.split("\n\n");
      text = events.pop();
      for (const event of events) {
        const line = (name) => {
          const found = event.split("\n").find((line) => line.startsWith(`${name}:`));
          return found === undefined ? "" : found.slice(name.length + 1).trim();
        };
        if (line("event") === "next") this.#say({ id, type: "next", payload: JSON.parse(line("data")) });
        if (line("event") === "complete") {
          this.#say({ id, type: "complete" });
          return true;
        }
      }
    }
  };
}
