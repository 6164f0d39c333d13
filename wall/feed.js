// One line to the server, graphql-transport-ws, that comes back by itself for as long as the page is open.
// A screen hears within 20 seconds that its server is gone, within 30 over streams, also where the network says nothing.

import { StreamSocket } from "./stream.js";
import { elapsed, moment } from "./time.js";

const PING_MS = 4_000;
/** Nothing heard for so long since a ping was sent, or since the socket was asked for: the line is dead. */
const SILENCE_MS = 10_000;
/** Nobody waits longer for what is asked once. */
const ANSWER_MS = 30_000;
const WATCH_MS = 1_000;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 20_000;
/** How long to wait after a refusal that is not the token's. */
const RETRY_FORBIDDEN_MS = 60_000;
const FORBIDDEN = 4403;
const OPEN = 1;

export class Feed {
  #url;
  #token;
  #told;
  #socket = null;
  /** When something was sent that has to be answered, and was not yet: a ping, or the request for the socket. */
  #unanswered = null;
  #attempts = 0;
  #retry = 0;
  #next = 1;
  /** By id: what is followed, through all connections. */
  #followed = new Map();
  /** By id: what is asked once, on this connection. */
  #asked = new Map();
  #isWelcome = false;
  /** Whether the socket was let in. */
  #wasOpen = false;
  /** Whether streams over HTTP stand in for the socket, which does not pass. */
  #overStreams = false;

  /** `told` has connected(), lost({ retryAt, isForbidden, wasOpen, hadToken }) and pinged(behindSeconds). */
  constructor(url, token, told) {
    this.#url = url;
    this.#token = token;
    this.#told = told;
    setInterval(() => this.#watch(), WATCH_MS);
    setInterval(() => this.#ping(), PING_MS);
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
    this.#connect();
  }

  /** `on` has next(data) and refused(errors); after the latter it is over. Returns how to end it. */
  follow(payload, on) {
    const id = `f${this.#next++}`;
    this.#followed.set(id, { payload, on });
    if (this.#isWelcome) this.#send({ id, type: "subscribe", payload });
    return () => {
      if (this.#followed.delete(id) && this.#isWelcome) this.#send({ id, type: "complete" });
    };
  }

  /** The data of a query; fails with the server's error, when the connection ends before, or after ANSWER_MS. */
  ask(payload) {
    if (!this.#isWelcome) return Promise.reject(new Error("not connected"));
    const id = `q${this.#next++}`;
    let timer = 0;
    const answer = new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      timer = setTimeout(() => {
        if (this.#asked.delete(id)) this.#send({ id, type: "complete" });
        reject(new Error("no answer"));
      }, ANSWER_MS);
      this.#send({ id, type: "subscribe", payload });
    });
    // In place of finally(), whose promise would fail once more with nobody to hear it.
    const settled = () => clearTimeout(timer);
    answer.then(settled, settled);
    return answer;
  }

  /** Begins anew, as after a loss. */
  restart() {
    this.#end(this.#socket);
  }

  /** Goes on without the token, as the public. */
  forgetToken() {
    this.#token = null;
    this.#hurry();
  }

  /** Sockets do not pass between here and the server, but requests do. */
  useStreams() {
    this.#overStreams = true;
    this.#hurry();
  }

  #send = (message) => {
    if (this.#socket && this.#socket.readyState === OPEN) this.#socket.send(JSON.stringify(message));
  };

  #ping = () => {
    if (!this.#isWelcome) return;
    this.#unanswered = this.#unanswered || moment();
    this.#send({ type: "ping" });
  };

  /**
   * Silence alone says nothing: a tab in the background lets its timers run once a minute, so that it pings no more often,
   * and what it waits for may be what it has not asked for.
   */
  #watch = () => {
    if (this.#socket && this.#unanswered && elapsed(this.#unanswered) > SILENCE_MS) this.#end(this.#socket);
  };

  #hurry = () => {
    if (this.#socket) return;
    clearTimeout(this.#retry);
    this.#connect();
  };

  #connect = () => {
    const socket = this.#overStreams ? new StreamSocket(this.#url) : new WebSocket(this.#url.replace(/^http/, "ws"), "graphql-transport-ws");
    this.#socket = socket;
    this.#unanswered = moment();
    this.#wasOpen = false;
    socket.onopen = () => {
      this.#wasOpen = true;
      const payload = this.#token ? { authorization: `Bearer ${this.#token}` } : undefined;
      this.#send({ type: "connection_init", payload });
    };
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      this.#unanswered = null;
      this.#hear(JSON.parse(data));
    };
    socket.onclose = ({ code }) => this.#end(socket, code);
  };

  #hear = ({ type, id, payload }) => {
    if (type === "connection_ack") {
      this.#isWelcome = true;
      for (const [id, { payload }] of this.#followed) this.#send({ id, type: "subscribe", payload });
      this.#told.connected();
    } else if (type === "ping") {
      this.#send({ type: "pong" });
      this.#told.pinged((payload && payload.behindSeconds) || 0);
    } else if (type === "next") {
      // A line that is let in and then carries nothing has not come back.
      this.#attempts = 0;
      const [followed, asked] = [this.#followed.get(id), this.#asked.get(id)];
      if (followed) followed.on.next(payload);
      if (asked) asked.resolve(payload);
      this.#asked.delete(id);
    } else if (type === "error") {
      this.#over(id, payload);
    } else if (type === "complete") {
      this.#over(id, []);
    }
  };

  #over = (id, errors) => {
    const [followed, asked] = [this.#followed.get(id), this.#asked.get(id)];
    this.#followed.delete(id);
    this.#asked.delete(id);
    if (followed) followed.on.refused(errors);
    if (asked) asked.reject(new Error(errors.length ? errors[0].message : "over"));
  };

  /** Waits twice as long each time, and never as long as the wall beside it. */
  #end = (socket, code = 0) => {
    if (!socket || socket !== this.#socket) return;
    this.#socket = null;
    const wasOpen = this.#overStreams ? this.#isWelcome : this.#wasOpen;
    this.#isWelcome = false;
    socket.close();
    for (const { reject } of this.#asked.values()) reject(new Error("not connected"));
    this.#asked.clear();
    const isForbidden = code === FORBIDDEN;
    const most = isForbidden ? RETRY_FORBIDDEN_MS : Math.min(RETRY_FIRST_MS * 2 ** this.#attempts, RETRY_MAX_MS);
    this.#attempts += 1;
    const wait = most * (0.5 + Math.random() / 2);
    this.#retry = setTimeout(() => this.#connect(), wait);
    const hadToken = this.#token !== null;
    this.#told.lost({ retryAt: performance.now() + wait, isForbidden, hadToken, wasOpen, overStreams: this.#overStreams });
  };
}
