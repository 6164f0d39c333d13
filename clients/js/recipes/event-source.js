/**
 * Follows a subscription without any library, by the browser's own EventSource. It connects again by itself, and an event
 * feed goes on after the last event. Without a token: EventSource sends no header.
 * @param {string} server as `https://board.example`
 * @param {string} query
 * @param {Record<string, unknown>} variables
 * @param {(result: { data: any, errors?: any[] }) => void} changed
 */
export function follow(server, query, variables, changed) {
  const parameters = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  const source = new EventSource(`${server}/graphql?${parameters}`);
  source.addEventListener('next', ({ data }) => changed(JSON.parse(data)));
  source.addEventListener('complete', () => source.close());
  return source;
}
