// A running server says of its schema what schema.graphql says (see live.mjs).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  buildClientSchema, buildSchema, findBreakingChanges, findDangerousChanges, getIntrospectionQuery, GraphQLSchema,
  isSpecifiedDirective, lexicographicSortSchema, printSchema, specifiedDirectives, validateSchema,
} from 'graphql';
import { ask, timeout } from './live.mjs';
import { schemaFile } from './operations.mjs';

const EVERYTHING = {
  descriptions: true,
  directiveIsRepeatable: true,
  inputValueDeprecation: true,
  oneOf: true,
  schemaDescription: true,
  specifiedByUrl: true,
};

/** With the library's own idea of the specification's directives, whose places differ by edition. */
function edition(schema) {
  const own = schema.getDirectives().filter((directive) => !isSpecifiedDirective(directive));
  return new GraphQLSchema({ ...schema.toConfig(), directives: [...specifiedDirectives, ...own] });
}

test('introspection and schema.graphql agree', { timeout }, async () => {
  const introspected = buildClientSchema(await ask(getIntrospectionQuery(EVERYTHING)));
  const directives = introspected.getDirectives().map(({ name }) => name);
  assert.deepEqual(directives.sort(), ['deprecated', 'include', 'oneOf', 'skip', 'specifiedBy']);
  const told = edition(introspected);
  const written = edition(buildSchema(readFileSync(schemaFile, 'utf8')));
  for (const schema of [told, written]) assert.deepEqual(validateSchema(schema), []);
  for (const [before, after] of [[written, told], [told, written]]) {
    assert.deepEqual(findBreakingChanges(before, after), []);
    assert.deepEqual(findDangerousChanges(before, after), []);
  }
  // Descriptions, defaults, specifiedBy, oneOf, deprecations: all that printing shows.
  assert.equal(printSchema(lexicographicSortSchema(told)), printSchema(lexicographicSortSchema(written)));
});
