import { unescape } from "node:querystring";
import { ApiError } from "@cloud-assistant/shared/errors";

const UNRESERVED = /^[A-Za-z0-9\-_.~]*$/;

/** RFC 3986: only letters, digits and `-_.~` stay; `encodeURIComponent` leaves `!'()*` too. */
export function percentEncode(text: string): string {
  if (UNRESERVED.test(text)) return text; // nearly all of them: ids, names, times
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * Reads a query or a form body; `+` is a blank (wire-facts 1).
 * @throws {ApiError} `InvalidParameter.Duplicate`: which of two values was meant, nobody could say.
 */
export function readForm(text: string, into = new Map<string, string>()): Map<string, string> {
  if (text === "") return into;
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = decode(at < 0 ? pair : pair.slice(0, at));
    if (into.has(name)) throw new ApiError("InvalidParameter.Duplicate", { values: [name] });
    into.set(name, at < 0 ? "" : decode(pair.slice(at + 1)));
  }
  return into;
}

function decode(text: string): string {
  const blanks = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!blanks.includes("%")) return blanks;
  try {
    return decodeURIComponent(blanks);
  } catch {
    return unescape(blanks); // not UTF-8: a replacement character, so the signature will not match
  }
}
