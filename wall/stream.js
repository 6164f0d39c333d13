// A socket in name: the same messages (graphql-transport-ws), carried by requests and by event streams (graphql-sse, distinct
// connections) where a proxy lets no socket pass.

import { elapsed, moment } from "./time.js";

const [OPEN, CLOSED] = [1, 3];
const FORBIDDEN = 4403;
/** Whether an answer is that the token is not known, or not any more. */
const isOfToken = ({ errors }) => (errors || []).some(({ extensions }) => extensions && extensions.code === "UNAUTHENTICATED");
/**
 * The server says something in every stream at least each 12 s, be it a comment. A line with a request of which nothing was heard for
 * so long is dead; the ping that finds it comes within 4 s more.
 */
const SILENCE_MS = 24_000;
/** A stream is asked for anew after so long, so that nothing that browsers and proxies keep of one grows for weeks. */
const TURN_MS = 3_600_000;

export class StreamSocket {
  readyState = 0;
  onopen = () => {};
  onmessage = (_) => {};
  onclose = (_) => {};
  #url;
  #headers = { "content-type": "application/json", accept: "text/event-stream" };
  /** By id, the requests that run for it: how each is ended, and when it was heard last. */
  #running = new Map();

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
    else if (type === "complete") this.#abort(id);
    else if (type === "ping") this.#answerPing();
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
    for (const id of [...this.#running.keys()]) this.#abort(id);
    this.onclose({ code });
  };

  /** Each stream has to be heard for itself: answers to other requests say nothing of it. */
  #answerPing = () => {
    const isSilent = ({ heard }) => elapsed(heard) > SILENCE_MS;
    if ([...this.#running.values()].some((requests) => requests.some(isSilent))) this.#close(1006);
    else this.#say({ type: "pong" });
  };

  #abort = (id) => {
    for (const { controller } of this.#running.get(id) || []) controller.abort();
    this.#running.delete(id);
  };

  #add = (id, request) => this.#running.set(id, [...(this.#running.get(id) || []), request]);

  /** A request has ended. */
  #remove = (id, request) => {
    const others = (this.#running.get(id) || []).filter((one) => one !== request);
    if (others.length) this.#running.set(id, others);
    else this.#running.delete(id);
  };

  /** Whether the server is there, and knows the token. */
  #begin = async (payload) => {
    if (payload && payload.authorization) this.#headers.authorization = payload.authorization;
    try {
      const body = JSON.stringify({ query: "{ today }" });
      const headers = { ...this.#headers, accept: "application/json" };
      const { status } = await fetch(this.#url, { method: "POST", headers, body });
      // 403 is of this page's origin, not of the token.
      if (status === 401) return this.#close(FORBIDDEN);
      if (status !== 200) return this.#close(1011);
      this.#say({ type: "connection_ack" });
    } catch {
      this.#close(1006);
    }
  };

  /** Asks; `former` ends the request that this one takes the turn of, once there is something of this one. */
  #run = async (id, payload, former = null) => {
    const controller = new AbortController();
    const request = { controller, heard: moment() };
    this.#add(id, request);
    try {
      const response = await fetch(this.#url, {
        method: "POST", headers: this.#headers, body: JSON.stringify(payload), signal: controller.signal,
      });
      if (!(response.headers.get("content-type") || "").startsWith("text/event-stream")) {
        const answer = await response.json();
        this.#remove(id, request);
        if (isOfToken(answer)) return this.#close(FORBIDDEN);
        // The one before it still has its state.
        if (former !== null && !answer.data) return this.#close(1006);
        if (!answer.data) return this.#say({ id, type: "error", payload: answer.errors || [] });
        this.#say({ id, type: "next", payload: answer });
        return this.#say({ id, type: "complete" });
      }
      const turn = { at: performance.now() + TURN_MS, begin: () => this.#run(id, payload, controller), former };
      const heard = () => { request.heard = moment(); };
      if (await this.#read(id, response.body.getReader(), turn, heard)) this.#abort(id);
      // A stream that broke off takes the line with it, and all begins anew.
      else this.#close(1006);
    } catch {
      this.#remove(id, request);
      if (!controller.signal.aborted) this.#close(1006);
    }
  };

  /** Passes on the events of a stream. Returns whether it came to its end. */
  #read = async (id, reader, turn, heard) => {
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return false;
      heard();
      text += decoder.decode(value, { stream: true });
      const events = text.split("\n\n");
      text = events.pop();
      for (const event of events) {
        const line = (name) => {
          const found = event.split("\n").find((line) => line.startsWith(`${name}:`));
          return found === undefined ? "" : found.slice(name.length + 1).trim();
        };
        const kind = line("event");
        if (kind === "next") {
          const payload = JSON.parse(line("data"));
          // The token ended while the stream ran.
          if (isOfToken(payload)) {
            this.#close(FORBIDDEN);
            return true;
          }
          this.#say({ id, type: "next", payload });
          if (turn.former) turn.former.abort();
          turn.former = null;
        } else if (kind === "complete") {
          this.#say({ id, type: "complete" });
          return true;
        } else if (kind === "") this.#say({ type: "ping" });
      }
      if (performance.now() > turn.at) {
        turn.at = Infinity;
        turn.begin();
      }
    }
  };
}
