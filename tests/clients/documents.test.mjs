// The worked operations of docs/queries, by the rules that make them worth copying.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  buildSchema, getNamedType, isInterfaceType, isObjectType, Kind, specifiedRules, TypeInfo, validate, visit,
  visitWithTypeInfo,
} from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';
import { operations, schemaFile } from './operations.mjs';

const schema = buildSchema(readFileSync(schemaFile, 'utf8'));

test('the policy for a cache that is shown is the one that is tested', () => {
  const [, policy] = readFileSync(new URL('pages.mjs', import.meta.url), 'utf8').split(/\n\n(.*)/s);
  const shown = readFileSync(new URL('../../docs/QUERIES.md', import.meta.url), 'utf8');
  assert.ok(shown.includes(`\`\`\`js\n${policy}\`\`\``), policy);
});

for (const { file, text, document, variables } of operations()) {
  test(`${file} is valid, with its variables`, () => {
    assert.deepEqual(validate(schema, document, specifiedRules), []);
    const named = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    assert.equal(named.length, 1, 'a client picks a document by its one operation');
    const [{ name, variableDefinitions }] = named;
    const expected = file.replace(/\.graphql$/, '').split('-').map((word) => word[0].toUpperCase() + word.slice(1));
    assert.equal(name.value, expected.join(''));
    const { errors } = getVariableValues(schema, variableDefinitions, variables);
    assert.equal(errors, undefined);
    const declared = variableDefinitions.map(({ variable }) => variable.name.value);
    assert.deepEqual(Object.keys(variables).filter((it) => !declared.includes(it)), []);
    assert.match(text, /^# .*\n/, 'it says who it is for');
  });

  test(`${file} asks for the id of everything that has one`, () => {
    const types = new TypeInfo(schema);
    visit(document, visitWithTypeInfo(types, {
      SelectionSet(node) {
        const type = getNamedType(types.getParentType());
        if (!(isObjectType(type) || isInterfaceType(type)) || !('id' in type.getFields())) return;
        const fields = node.selections.map((it) => it.name?.value);
        assert.ok(fields.includes('id'), `of ${type.name}: ${fields.join(' ')}`);
      },
    }));
  });
}
