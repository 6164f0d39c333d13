// For the type check alone: the types of lean-qr are those of its package.
export { correction, generate } from "lean-qr";
