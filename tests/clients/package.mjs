// Builds clients/js as others install it, into node_modules/sangkien-client: its files, the types of the schema, the
// operations of docs/queries with their types, and declarations of its modules. Nothing is done when all that it is made
// of is as it was.
//
// node package.mjs [SCHEMA]    from another schema; this only checks it, and keeps nothing

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as schemaTypes from '@graphql-codegen/typescript';
import * as operationTypes from '@graphql-codegen/typescript-operations';
import { Kind, parse } from 'graphql';
import { operations, schemaFile } from './operations.mjs';

/** Every scalar is named, so that none becomes `any`. */
const CONFIG = {
  strictScalars: true,
  useTypeImports: true,
  enumsAsTypes: true,
  scalars: { Date: 'string', DateTime: 'string', ID: 'string', Long: 'number' },
};

const here = fileURLToPath(new URL('.', import.meta.url));
const sources = fileURLToPath(new URL('../../clients/js/', import.meta.url));
const modules = join(here, 'node_modules');
const target = join(modules, 'sangkien-client');
/** The name of the file that says what a package was built of. */
const STAMP = '.built-of';

const schemaText = readFileSync(process.argv[2] ?? schemaFile, 'utf8');
const all = operations();

const files = readdirSync(sources, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const digest = createHash('sha256');
for (const text of [
  schemaText,
  readFileSync(join(here, 'package-lock.json')),
  readFileSync(fileURLToPath(import.meta.url)),
  ...all.map(({ text }) => text),
  ...files.map((entry) => readFileSync(join(entry.parentPath, entry.name))),
]) digest.update(text).update('\0');
const stamp = digest.digest('hex');

const isBuilt = existsSync(join(target, STAMP)) && readFileSync(join(target, STAMP), 'utf8') === stamp;
if (!isBuilt) await build();

async function build() {
  // Beside the packages that its declarations name.
  const folder = mkdtempSync(join(modules, '.sangkien-client-'));
  try {
    cpSync(sources, folder, { recursive: true });
    for (const licence of ['LICENSE-MIT', 'LICENSE-APACHE']) cpSync(join(here, '../..', licence), join(folder, licence));
    await generate(folder);
    declare(folder);
    writeFileSync(join(folder, STAMP), stamp);
    if (process.argv[2]) return;
    if (existsSync(target)) renameSync(target, join(folder, 'former'));
    renameSync(folder, target);
    rmSync(join(target, 'former'), { recursive: true, force: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The modules that are made of the schema and of the operations. */
async function generate(folder) {
  const schema = parse(schemaText);
  const types = (documents, plugins) => codegen({
    filename: '',
    schema,
    documents: documents.map(({ file, document }) => ({ location: file, document })),
    config: CONFIG,
    plugins: Object.keys(plugins).map((name) => ({ [name]: {} })),
    pluginMap: plugins,
  });
  const write = (name, text) => writeFileSync(join(folder, name), text);
  write('schema.d.ts', await types([], { schemaTypes }));
  const named = all.map(({ text, document }) => {
    const { name, operation } = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    const type = `${name.value}${operation[0].toUpperCase()}${operation.slice(1)}`;
    // The comment at the head says who it is for.
    const lines = text.trim().split('\n');
    const body = lines.findIndex((line) => !line.startsWith('#'));
    const about = lines.slice(0, body).map((line) => line.replace(/^# ?/, ''));
    return { name: name.value, type, about, text: lines.slice(body).join('\n') };
  });
  const comment = (about) => `/**\n${about.map((line) => ` * ${line}\n`).join('')} */\n`;
  write('documents.js', named.map(({ name, about, text }) => (
    `${comment(about)}export const ${name} = ${JSON.stringify(text)};\n`
  )).join('\n'));
  write('documents.d.ts', [
    "import type { Document } from './types.js';",
    await types(all, { operationTypes }),
    ...named.map(({ name, type, about }) => (
      `${comment(about)}export declare const ${name}: Document<${type}, ${type}Variables>;`
    )),
  ].join('\n'));
  write('index.d.ts', [
    "export * from './client.js';",
    "export * from './documents.js';",
    "export type * from './types.js';",
    '',
  ].join('\n'));
}

/** Declarations of the modules that are written by hand, whose comments are checked strictly. */
function declare(folder) {
  // Checked as well, and used as they are.
  const byHand = files.map((entry) => relative(sources, join(entry.parentPath, entry.name)))
    .filter((file) => /^(example|recipes)\/.*\.js$/.test(file));
  const config = {
    compilerOptions: {
      allowJs: true, checkJs: true, declaration: true, emitDeclarationOnly: true, outDir: folder, rootDir: folder,
      strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noUnusedLocals: true,
      target: 'es2022', module: 'nodenext', types: [], lib: ['es2022', 'dom', 'dom.iterable', 'dom.asynciterable'],
    },
    files: ['client.js', ...byHand],
  };
  const file = join(folder, 'tsconfig.json');
  writeFileSync(file, JSON.stringify(config));
  try {
    execFileSync(process.execPath, [join(modules, 'typescript/bin/tsc'), '--project', file], { encoding: 'utf8' });
  } catch (error) {
    throw new Error(error.stdout || error.message);
  }
  rmSync(file);
  for (const file of byHand) rmSync(join(folder, file.replace(/js$/, 'd.ts')));
}
