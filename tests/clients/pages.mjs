// The policy for Apollo Client's cache that docs/QUERIES.md shows; documents.test.mjs holds them together.

import { relayStylePagination } from '@apollo/client/utilities';

/** Joins the pages of a connection, by `edges` or by `nodes`. */
export function pages(keyArgs) {
  const relay = relayStylePagination(keyArgs);
  return {
    keyArgs,
    read(existing, options) {
      const list = relay.read(existing, options);
      if (!list?.nodes) return list;
      const nodes = list.nodes.filter((node) => options.canRead(node));
      const { edges, ...rest } = list;
      // A list that was asked for by nodes has no edges: an operation that wants them asks the server.
      return edges.length > 0 ? { ...rest, edges, nodes } : { ...rest, nodes };
    },
    merge(existing, incoming, options) {
      const list = relay.merge(existing, incoming, options);
      const { after, before } = options.args ?? {};
      if (!existing?.nodes || !incoming.nodes || !(after || before)) return list;
      const known = new Set(existing.nodes.map(({ __ref }) => __ref));
      const added = incoming.nodes.filter(({ __ref }) => !__ref || !known.has(__ref));
      const nodes = after ? [...existing.nodes, ...added] : [...added, ...existing.nodes];
      if (incoming.edges) return { ...list, nodes };
      const [first, last] = after ? [existing, incoming] : [incoming, existing];
      const pageInfo = {
        ...list.pageInfo,
        hasPreviousPage: first.pageInfo?.hasPreviousPage,
        startCursor: first.pageInfo?.startCursor,
        hasNextPage: last.pageInfo?.hasNextPage,
        endCursor: last.pageInfo?.endCursor,
      };
      return { ...list, nodes, pageInfo };
    },
  };
}
