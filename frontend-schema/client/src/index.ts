export { Changegate } from "./client.js";
export type { Connection, Mutation, Options, Settings } from "./client.js";
export { Refused, RequestFailed, Unreachable } from "./failures.js";
export type { Fault, Problem } from "./failures.js";
export type { Code } from "./codes.js";
export type { Operation } from "./operation.js";
export type * from "./types.js";
export * as operations from "./operations.js";
