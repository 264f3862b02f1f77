/** Makers of every id this side hands out. Random, so that none can be guessed or enumerated. */
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
  accessKeyId: () => string;
  accessKeySecret: () => string;
  /** 32 random bytes in Base64. */
  nonce: () => string;
};
