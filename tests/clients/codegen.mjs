// Writes the types that graphql-codegen makes of the schema (schema.ts) and of the operations in
// docs/queries (operations.ts, with typed documents): `node codegen.mjs [SCHEMA]`. Every scalar
// has to be named here, so that none becomes `any`.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { codegen } from '@graphql-codegen/core';
import * as typedDocuments from '@graphql-codegen/typed-document-node';
import * as schemaTypes from '@graphql-codegen/typescript';
import * as operationTypes from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';
import { operations, schemaFile } from './operations.mjs';

const CONFIG = {
  strictScalars: true,
  useTypeImports: true,
  enumsAsTypes: true,
  scalars: { Date: 'string', DateTime: 'string', ID: 'string', Long: 'number' },
};

async function write(filename, schema, documents, plugins) {
  const text = await codegen({
    filename,
    schema,
    documents,
    config: CONFIG,
    plugins: Object.keys(plugins).map((name) => ({ [name]: {} })),
    pluginMap: plugins,
  });
  writeFileSync(new URL(filename, folder), text);
}

const folder = new URL('generated/', import.meta.url);
mkdirSync(folder, { recursive: true });
const schema = parse(readFileSync(process.argv[2] ?? schemaFile, 'utf8'));
const documents = operations().map(({ file, document }) => ({ location: file, document }));
await write('schema.ts', schema, [], { schemaTypes });
await write('operations.ts', schema, documents, { operationTypes, typedDocuments });
