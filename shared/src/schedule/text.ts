/** A piece of an expression and where it begins in it, from 0 on. */
export type Piece = { readonly text: string; readonly at: number };

/** Characters of a quoted piece: enough to recognise it, and an answer stays short whatever it was asked. */
const QUOTED_MAX_CHARACTERS = 32;

/** The pieces between blanks. */
export function splitBlanks({ text, at }: Piece): Piece[] {
  return Array.from(text.matchAll(/[^ \t\r\n]+/g), (match) => ({ text: match[0], at: at + match.index }));
}

/** The pieces between commas, the empty ones left out. */
export function splitCommas({ text, at }: Piece): Piece[] {
  return Array.from(text.matchAll(/[^,]+/g), (match) => ({ text: match[0], at: at + match.index }));
}

/** The same without blanks around it. */
export function trim({ text, at }: Piece): Piece {
  const begin = /^[ \t\r\n]*/.exec(text)?.[0].length ?? 0;
  return { text: text.slice(begin).replace(/[ \t\r\n]+$/, ""), at: at + begin };
}

/** For a message: in quotes, control characters escaped, cut when long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > QUOTED_MAX_CHARACTERS ? `${text.slice(0, QUOTED_MAX_CHARACTERS)}…` : text);
}
