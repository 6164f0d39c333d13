// One server, asked and followed: queries and changes over HTTP, live states and events over one socket that comes back
// by itself for as long as somebody follows something.

/** @import { Connection, Document, Result, RootField } from './types.js' */
/** @import { LiveState, Options, Page } from './types.js' */

import { createClient } from 'graphql-ws';

/** The wait for another attempt: twice as long each time, and never as long as that of the client beside it. */
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 20_000;
/** A socket that has said nothing for so long since it was asked for a sign of life is given up. */
const PING_EVERY_MS = 4_000;
const SILENCE_MS = 10_000;
/** Where a refusal that passes by itself does not say how long it takes. */
const RETRY_AFTER_S = 5;
/** The server closes a socket so whose token it does not take. */
const FORBIDDEN = 4403;
/** The server closes a socket so whose program is at fault (docs/CLOSE-CODES.md). */
const FAULTS_OF_THE_PROGRAM = [1009, 4400, 4401, 4406, 4409, 4429];
/** Refusals that pass by themselves. */
const PASSING = ['RATE_LIMITED', 'UNAVAILABLE'];
/** Refusals that end a state whatever was shown before. */
const OF_THE_CALLER = ['UNAUTHENTICATED', 'FORBIDDEN'];
/** Refusals that end a state which was never there. */
const OF_THE_REQUEST = ['BAD_REQUEST', 'BAD_ARGUMENT', 'REF_NOT_FOUND', 'TOO_COSTLY'];

const POSITION = 'query { initiativeEvents(first: 0) { pageInfo { endCursor } } }';

/** @param {number} ms */
const pause = (ms) => new Promise((over) => { setTimeout(over, ms); });

/** @param {number} most */
const about = (most) => most * (0.5 + Math.random() / 2);

/** A refusal of the server: the first of its errors, with the code that docs/ERRORS.md lists. */
export class SangkienError extends Error {
  /**
   * @param {readonly any[]} errors as they stand in the answer
   * @param {number | null} [status] of HTTP
   */
  constructor(errors, status = null) {
    const [first] = errors;
    super(first?.message ?? 'the server refused');
    this.name = 'SangkienError';
    this.errors = errors;
    this.status = status;
    /** @type {string | null} */
    this.code = first?.extensions?.code ?? null;
    /** Seconds after which to try again, where the server says so. @type {number | null} */
    this.retryAfter = first?.extensions?.retryAfter ?? null;
    /** With CURSOR_EXPIRED: where to go on, once everything was copied anew. @type {string | null} */
    this.cursor = first?.extensions?.cursor ?? null;
    /** With CURSOR_EXPIRED: the mark to go on from, once everything was copied anew. @type {string | null} */
    this.mark = first?.extensions?.mark ?? null;
  }

  /** Whether the same may be tried again, after `retryAfter` seconds. */
  get passes() {
    return this.code !== null && PASSING.includes(this.code);
  }
}

/**
 * The reason for which a subscription ended, as graphql-ws gives it: errors, the close of the socket, or anything.
 * @param {any} reason
 */
function refusal(reason) {
  if (reason instanceof SangkienError) return reason;
  if (Array.isArray(reason)) return new SangkienError(reason);
  const message = reason?.reason || reason?.message || `the socket closed: ${reason?.code}`;
  return new SangkienError([{ message, extensions: { code: codeOf(reason?.code) } }]);
}

/**
 * The code of docs/ERRORS.md that says the same as the code of a socket's end; a fault between here and the server passes.
 * @param {number | undefined} close
 */
function codeOf(close) {
  if (close === FORBIDDEN) return 'UNAUTHENTICATED';
  return close !== undefined && FAULTS_OF_THE_PROGRAM.includes(close) ? 'BAD_REQUEST' : 'UNAVAILABLE';
}

/**
 * Throws a `TypeError` where an operation cannot be written as JSON: graphql-ws would try it again for ever, without a pause.
 * @param {unknown} document
 * @param {unknown} variables
 */
function assertSendable(document, variables) {
  if (typeof document !== 'string') throw new TypeError('a document is sent as its text, not as what it was parsed to');
  JSON.stringify(variables);
}

/**
 * Whether a state that ended is asked for again: one that was shown, whatever became of it, and one that is late.
 * @param {SangkienError | null} error the reason; null where the server gave none
 * @param {boolean} wasShown
 */
function comesBack(error, wasShown) {
  if (error === null || error.code === null) return true;
  return !OF_THE_CALLER.includes(error.code) && (wasShown || !OF_THE_REQUEST.includes(error.code));
}

/**
 * @param {string} url the server's address, as `https://board.example`
 * @param {Options} [options]
 */
export function connect(url, options) {
  return new Sangkien(url, options);
}

export class Sangkien {
  #endpoint;
  #options;
  #socket;
  /** When the server was heard last, and how old its figures were then, in milliseconds. */
  #heardAt = 0;
  #behind = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence;
  /** Called when the socket is lost. @type {Set<() => void>} */
  #lost = new Set();
  #isClosed = false;

  /**
   * @param {string} url
   * @param {Options} [options]
   */
  constructor(url, options = {}) {
    this.#endpoint = `${url.replace(/\/$/, '')}/graphql`;
    this.#options = options;
    const { token, webSocketImpl } = options;
    this.#socket = createClient({
      url: this.#endpoint.replace(/^http/, 'ws'),
      webSocketImpl,
      connectionParams: token ? { authorization: `Bearer ${token}` } : undefined,
      keepAlive: PING_EVERY_MS,
      retryAttempts: Infinity,
      shouldRetry: (reason) => /** @type {any} */ (reason)?.code !== FORBIDDEN,
      retryWait: (retries) => pause(about(Math.min(RETRY_FIRST_MS * 2 ** retries, RETRY_MAX_MS))),
      on: {
        connecting: () => this.#expect(),
        ping: (received, payload) => {
          if (received) this.#behind = 1_000 * Number(payload?.['behindSeconds'] ?? 0);
          else this.#expect();
        },
        message: () => {
          this.#heardAt = performance.now();
          clearTimeout(this.#silence);
        },
        closed: () => {
          clearTimeout(this.#silence);
          for (const lost of this.#lost) lost();
        },
        error: () => clearTimeout(this.#silence),
      },
    });
  }

  /** Gives the socket up unless something is heard in time. */
  #expect() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#socket.terminate(), SILENCE_MS);
  }

  /**
   * The data and `extensions` of one query or change. Fails with a `SangkienError` where the answer has errors, and with
   * the error of `fetch` where there is no answer: a change may have been made then, so send it again with the same key.
   * @template Data, Variables
   * @param {Document<Data, Variables>} document
   * @param {NoInfer<Variables>} variables
   * @param {string | null} [atLeast] the mark of a moment that the answer must show, as that of a change
   * @returns {Promise<Result<Data>>}
   */
  async execute(document, variables, atLeast = null) {
    const { token, language, fetch: send = fetch } = this.#options;
    const response = await send(this.#endpoint, {
      method: 'POST',
      headers: {
        accept: 'application/graphql-response+json',
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
        ...(language && { 'accept-language': language }),
      },
      body: JSON.stringify({
        query: document,
        variables,
        ...(atLeast && { extensions: { minVersion: atLeast } }),
      }),
    });
    const { data, errors, extensions } = await response.json();
    if (errors) throw new SangkienError(errors, response.status);
    return { data, extensions };
  }

  /**
   * The data of one query or change, as of `execute`.
   * @template Data, Variables
   * @param {Document<Data, Variables>} document
   * @param {NoInfer<Variables>} variables
   */
  async ask(document, variables) {
    return (await this.execute(document, variables)).data;
  }

  /**
   * The pages of the one list that a query asks for, each with the rows and with the mark of the run: keep that mark once
   * all pages are dealt with, and pass it as `changedSince` of the next run.
   * @template Data, Variables
   * @param {Document<Data, Variables>} document that takes `after` and selects `pageInfo { hasNextPage endCursor }`
   * @param {NoInfer<Variables>} variables
   * @returns {AsyncGenerator<Page<Data>, void, void>}
   */
  async *pages(document, variables) {
    /** @type {string | null} */
    let mark = null;
    /** @type {any} */
    let position = variables;
    for (;;) {
      const { data, extensions } = await this.execute(document, position);
      mark ??= extensions.mark;
      const { nodes, pageInfo } = /** @type {Connection<any>} */ (Object.values(/** @type {any} */ (data))[0]);
      yield /** @type {any} */ ({ nodes, mark });
      if (!pageInfo.hasNextPage) return;
      position = { ...variables, after: pageInfo.endCursor };
    }
  }

  /**
   * Follows a state, as a board or a tally: `changed` is called with the present state at once, whenever it changes, when
   * the server is lost and when it is back. The state that is shown stays while the server is away, or gives none: a state
   * that ended after it was shown is asked for again. Only a refusal of the token ends it then. Throws a `TypeError` where
   * the operation cannot be sent.
   * @template Data, Variables
   * @param {Document<Data, Variables>} document
   * @param {NoInfer<Variables>} variables
   * @param {(state: LiveState<Data>) => void} changed
   */
  follow(document, variables, changed) {
    assertSendable(document, variables);
    /** @type {LiveState<Data>} */
    let state = { status: 'connecting', data: null, error: null };
    /** @param {Partial<LiveState<Data>>} change */
    const set = (change) => {
      state = { ...state, ...change };
      changed(state);
    };
    /** When the state that is shown was the server's newest last. */
    let currentAt = 0;
    const lost = () => {
      if (state.status !== 'live') return;
      currentAt = this.#heardAt;
      set({ status: 'lost' });
    };
    this.#lost.add(lost);
    let isOver = false;
    let end = () => {};
    /** @param {SangkienError | null} error */
    const over = (error) => {
      isOver = true;
      this.#lost.delete(lost);
      if (state.status === 'live') currentAt = performance.now();
      set({ status: 'over', error });
    };
    /** @param {SangkienError | null} error */
    const ended = async (error) => {
      if (isOver) return;
      if (this.#isClosed || !comesBack(error, state.data !== null)) return over(error);
      if (state.status === 'live') currentAt = performance.now();
      set({ status: state.data === null ? 'connecting' : 'lost', error });
      await pause(1_000 * about(2 * (error?.retryAfter ?? RETRY_AFTER_S)));
      if (this.#isClosed && !isOver) over(error);
      if (!isOver) begin();
    };
    const begin = () => {
      /** The errors of a state that holds nothing else, which is the last of its feed. @type {SangkienError | null} */
      let last = null;
      end = this.#socket.subscribe(/** @type {any} */ ({ query: document, variables }), {
        next: ({ data, errors }) => {
          const error = errors ? new SangkienError(errors) : null;
          if (data) set({ status: 'live', data: /** @type {Data} */ (data), error });
          else last = error;
        },
        error: (reason) => ended(refusal(reason)),
        complete: () => ended(last),
      });
    };
    begin();
    return {
      /** The state that `changed` was called with last. */
      get state() {
        return state;
      },
      /** Milliseconds that the shown figures may be old: 0 while the server shows its newest; null before any came. */
      age: () => {
        if (state.data === null) return null;
        return this.#behind + (state.status === 'live' ? 0 : performance.now() - currentAt);
      },
      /** Ends it; `changed` is not called any more. */
      close: () => {
        isOver = true;
        this.#lost.delete(lost);
        end();
      },
    };
  }

  /**
   * The events of a feed, each once, in order, none left out, also across losses of the connection. It begins after the
   * cursor, or with what comes from now on. Write the `cursor` of an event down once it is dealt with. Fails with
   * CURSOR_EXPIRED when the cursor is of another log: copy everything anew, then go on from the error's `cursor`.
   *
   * Events that come faster than they are dealt with wait in memory; read a long past by pages.
   * @template Data, Variables
   * @param {Document<Data, Variables>} document that takes `after` and selects `cursor`
   * @param {NoInfer<Variables>} variables
   * @param {string | null} [after]
   * @returns {AsyncGenerator<RootField<Data>, void, void>}
   */
  async *events(document, variables, after = null) {
    assertSendable(document, variables);
    let cursor = after ?? (await this.#end());
    // graphql-ws writes the variables anew with each attempt, so that each goes on after the last event that came.
    const position = Object.defineProperty({ ...variables }, 'after', { enumerable: true, get: () => cursor });
    /** @type {any[]} */
    const waiting = [];
    let wake = () => {};
    /** @type {SangkienError | 'complete' | null} */
    let ended = null;
    /** @param {SangkienError | 'complete'} how */
    const over = (how) => {
      ended = how;
      wake();
    };
    const begin = () => this.#socket.subscribe(/** @type {any} */ ({ query: document, variables: position }), {
      next: ({ data, errors }) => {
        if (errors) return over(new SangkienError(errors));
        const [event] = /** @type {any[]} */ (Object.values(data ?? {}));
        cursor = event.cursor;
        waiting.push(event);
        wake();
      },
      error: (reason) => over(refusal(reason)),
      complete: () => { if (!ended) over('complete'); },
    });
    let end = begin();
    try {
      for (;;) {
        while (waiting.length > 0) yield waiting.shift();
        if (ended === 'complete') return;
        if (ended) {
          const error = /** @type {SangkienError} */ (ended);
          if (!error.passes) throw error;
          await pause(1_000 * about(2 * (error.retryAfter ?? RETRY_AFTER_S)));
          if (this.#isClosed) return;
          ended = null;
          end = begin();
        }
        await new Promise((woken) => {
          wake = () => woken(undefined);
          if (waiting.length > 0 || ended) wake();
        });
      }
    } finally {
      end();
    }
  }

  /** The position behind the newest event. @returns {Promise<string>} */
  async #end() {
    const { data } = await this.execute(/** @type {Document<any, any>} */ (/** @type {unknown} */ (POSITION)), {});
    return data.initiativeEvents.pageInfo.endCursor;
  }

  /** Closes the socket, and with it all that is followed. */
  close() {
    this.#isClosed = true;
    // An attempt that is under way may fail: nobody waits for it any more.
    Promise.resolve(this.#socket.dispose()).catch(() => {});
  }
}
