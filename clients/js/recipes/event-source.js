/**
 * Follows a subscription without any library, by the browser's own EventSource. It connects again by itself, also where
 * the browser gives up, as after a 503; an event feed that takes `after` goes on after the last event. A state that was
 * shown stays: a result with nothing but errors comes with the data before it, as does a stream that the server does not
 * give. Without a token: EventSource sends no header.
 * @param {string} server as `https://board.example`
 * @param {string} query
 * @param {Record<string, unknown>} variables
 * @param {(result: { data: any, errors?: any[] }) => void} changed
 * @returns {() => void} ends it
 */
export function follow(server, query, variables, changed) {
  const AGAIN_MS = 5_000;
  /** @type {EventSource} */
  let source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;
  /** @type {any} */
  let shown = null;
  let after = '';
  function open() {
    const all = after ? { ...variables, after } : variables;
    source = new EventSource(`${server}/graphql?${new URLSearchParams({ query, variables: JSON.stringify(all) })}`);
    source.addEventListener('next', (event) => {
      const { data, errors } = JSON.parse(event.data);
      shown = data ?? shown;
      after = event.lastEventId;
      changed({ data: shown, ...(errors && { errors }) });
    });
    source.addEventListener('complete', reopen);
    source.addEventListener('error', () => {
      // Else the browser connects again by itself.
      if (source.readyState !== EventSource.CLOSED) return;
      changed({ data: shown, errors: [{ message: 'the server gives no stream' }] });
      reopen();
    });
  }
  function reopen() {
    source.close();
    again = setTimeout(open, AGAIN_MS * (0.5 + Math.random()));
  }
  open();
  return () => {
    clearTimeout(again);
    source.close();
  };
}
