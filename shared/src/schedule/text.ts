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

/** For a message: in quotes, cut when long, and what is not to be seen or would move what is seen as an escape. */
export function quote(text: string): string {
  const short = text.length > QUOTED_MAX_CHARACTERS ? `${text.slice(0, QUOTED_MAX_CHARACTERS)}…` : text;
  return JSON.stringify(short).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, escape);
}

function escape(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}
