/** What can be asked: its text, and the types of what it takes and of what it is answered. */
export interface Operation<Data, Variables> {
  readonly kind: "query" | "mutation" | "subscription";
  readonly name: string;
  readonly text: string;
  /** Carries the types only; it is never there. */
  readonly types?: (variables: Variables) => Data;
}
