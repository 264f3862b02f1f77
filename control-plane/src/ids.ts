import { randomBytes, randomUUID } from "node:crypto";

/** Makers of every id this side hands out. Random enough that none can be guessed or enumerated. */
export type Ids = {
  invokeId: () => string;
  commandId: () => string;
  instanceId: () => string;
  /** Upper-case UUID. */
  activationId: () => string;
  /** `a-…`, secret, shown once. */
  activationCode: () => string;
  /** Upper-case UUID. */
  requestId: () => string;
  /** `p-…` */
  parameterId: () => string;
  /** 16 digits. */
  accountId: () => string;
  userId: () => string;
  accessKeyId: () => string;
  /** `STS.…`, of a key that expires. */
  temporaryKeyId: () => string;
  accessKeySecret: () => string;
  /** 32 random bytes in Base64. */
  nonce: () => string;
};

const DIGITS = "0123456789";
const LOWER = "0123456789abcdefghijklmnopqrstuvwxyz";
const MIXED = `${LOWER}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;
/** 20 of 36 letters: 103 bits, so that ids never meet. */
const ID_LENGTH = 20;
/** 16 of 36 letters: 83 bits beside the millisecond. */
const TAIL_LENGTH = 16;
/** Milliseconds since the epoch to base 36 have 8 letters until 2059. */
const TIME_LENGTH = 8;
/** 32 of 36 letters: 165 bits. It keys an HMAC that travels in the clear, so it must withstand guessing offline. */
const CODE_LENGTH = 32;

export const randomIds: Ids = {
  invokeId: () => `t-${timeText()}${randomText(LOWER, TAIL_LENGTH)}`,
  commandId: () => `c-${timeText()}${randomText(LOWER, TAIL_LENGTH)}`,
  instanceId: () => `mi-${randomText(LOWER, ID_LENGTH)}`,
  activationId: () => randomUUID().toUpperCase(),
  activationCode: () => `a-${randomText(LOWER, CODE_LENGTH)}`,
  parameterId: () => `p-${randomText(LOWER, ID_LENGTH)}`,
  requestId: () => randomUUID().toUpperCase(),
  accountId: () => `1${randomText(DIGITS, 15)}`,
  userId: () => `2${randomText(DIGITS, 17)}`,
  temporaryKeyId: () => `STS.${randomText(MIXED, 24)}`,
  accessKeyId: () => `CAAK${randomText(MIXED, 20)}`,
  accessKeySecret: () => randomText(MIXED, 30),
  nonce: () => randomBytes(32).toString("base64"),
};

/**
 * Sorts as time goes: ids of one time lie side by side in every index, so a commit writes few pages, however large the
 * database is; with random ids each index of each invocation is a page of its own.
 */
function timeText(): string {
  return Date.now().toString(36).padStart(TIME_LENGTH, "0");
}

/** Uniform over `alphabet`: bytes that would favour its first letters are thrown away. */
function randomText(alphabet: string, length: number): string {
  const fair = 256 - (256 % alphabet.length);
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < fair && text.length < length) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}
