// The worked operations of docs/queries, as those who copy them see them.

import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'graphql';

export const schemaFile = new URL('../../schema.graphql', import.meta.url);
const folder = new URL('../../docs/queries/', import.meta.url);

/** All of them: `{ file, text, document, variables }`. */
export function operations() {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.graphql'))
    .sort()
    .map((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8');
      const variables = readFileSync(new URL(file.replace(/graphql$/, 'json'), folder), 'utf8');
      return { file, text, document: parse(text), variables: JSON.parse(variables) };
    });
}

/** One, by the name of its file. */
export function operation(name) {
  const found = operations().find(({ file }) => file === `${name}.graphql`);
  if (!found) throw new Error(`docs/queries has no ${name}.graphql`);
  return found.document;
}
