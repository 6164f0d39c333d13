// Requests of pages that ask once, over plain HTTP.

const ANSWER_MS = 30_000;
/** A workbook of a large unit takes longer to make and to come. */
const FILE_MS = 120_000;

/** The server gave no data. `message` is the server's, in the language of the page; null where another spoke, as a proxy. */
export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.said = message;
    this.status = status;
  }
}

/** The reason for which an answer holds no data. */
async function refusalOf(response) {
  const body = await response.json().catch(() => null);
  const [error] = (body && body.errors) || [];
  return new Refused(error ? error.message : null, response.status);
}

/** An error in words: the server's own, else `words.failed(status)` or `words.notAsked`. */
export function inWords(error, words) {
  if (!(error instanceof Refused)) return words.notAsked;
  return error.said === null ? words.failed(error.status) : error.said;
}

/** Gives the work up after that time. */
async function within(ms, work) {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ms);
  try {
    return await work(late.signal);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * `ask` gives the data of a query, `file` a file as a blob; both fail with `Refused`, or with the error of `fetch`. A token that the
 * server does not know is dropped, `forgot` is called, and everything is asked as the public from then on.
 */
export function caller({ token, lang, forgot }) {
  let authorization = token ? `Bearer ${token}` : null;

  async function send(address, options) {
    const shown = authorization;
    const headers = { ...options.headers, "accept-language": lang, ...(shown === null ? {} : { authorization: shown }) };
    const response = await fetch(address, { ...options, headers });
    // Alone this status speaks of the token; 403 is of the page's origin, or of what is asked for.
    if (response.status !== 401 || shown === null) return response;
    if (authorization === shown) {
      authorization = null;
      forgot();
    }
    return send(address, options);
  }

  const ask = (query, variables) => within(ANSWER_MS, async (signal) => {
    const body = JSON.stringify({ query, variables });
    const response = await send("graphql", { method: "POST", headers: { "content-type": "application/json" }, body, signal });
    if (!response.ok) throw await refusalOf(response);
    const { data, errors } = await response.json();
    if (errors && errors.length) throw new Refused(errors[0].message, response.status);
    return data;
  });

  const file = (address) => within(FILE_MS, async (signal) => {
    const response = await send(address, { signal });
    if (!response.ok) throw await refusalOf(response);
    return response.blob();
  });

  return { ask, file };
}
