// Clients that send the digest of a document in its place (automatic persisted queries): this server takes none, and
// they go on with documents (see live.mjs).

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { counted, endpoint, timeout } from './live.mjs';

const sha256 = async (text) => createHash('sha256').update(text).digest('hex');

for (const useGETForHashedQueries of [false, true]) {
  for (const accept of [undefined, 'multipart/mixed;deferSpec=20220824, application/json']) {
    const how = `${useGETForHashedQueries ? 'GET' : 'POST'}, ${accept ?? 'its own Accept'}`;
    test(`Apollo Client with persisted queries falls back on documents: ${how}`, { timeout }, async (t) => {
      const { counts, fetch } = counted();
      const http = new HttpLink({ uri: endpoint, fetch, headers: accept ? { accept } : {} });
      const client = new ApolloClient({
        link: ApolloLink.from([new PersistedQueryLink({ sha256, useGETForHashedQueries }), http]),
        cache: new InMemoryCache(),
      });
      t.after(() => client.stop());
      const { data } = await client.query({ query: gql('query One { root { id code } }') });
      assert.equal(data.root.code, 'tld');
      assert.equal(counts.requests, 2, 'the digest, and then the document');
      const other = await client.query({ query: gql('query Other { root { id name } }') });
      assert.equal(other.data.root.name, 'Tổng Liên đoàn');
      assert.equal(counts.requests, 3, 'no digest is tried any more');
    });
  }
}
