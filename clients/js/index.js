export { connect, Sangkien, SangkienError } from './client.js';
export * from './documents.js';
