/** A row of the table: what a caller gets for a code, and where one action's text or status is another one. */
export type ErrorEntry = {
  readonly httpStatus: number;
  readonly message: string;
  readonly messages?: Readonly<Record<string, string>>;
  readonly statuses?: Readonly<Record<string, number>>;
};

type Texts = Readonly<Record<string, string>>;

const entry =
  (httpStatus: number) =>
  (message: string, messages?: Texts): ErrorEntry => ({ httpStatus, message, ...(messages && { messages }) });

export const bad = entry(400);
export const forbidden = entry(403);
export const notFound = entry(404);
export const conflict = entry(409);
export const failure = entry(500);
