import { ApiError } from "@cloud-assistant/shared/errors";
import type { RequestNonce } from "../store.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { ClientTokenRows } from "./tables/client-tokens.ts";
import type { NonceRows } from "./tables/nonces.ts";

/** How the tables write: always through the group commit. */
export type Writer = {
  /** `write` may run twice (once for nothing), so it must not touch anything but the database. */
  write: <T>(write: () => T, check?: () => void) => Promise<T>;
  /**
   * A mutation that a signed request asked for, committed together with its nonce and the answer kept for its ClientToken.
   * @throws {ApiError} `SignatureNonceUsed` when the nonce is committed already; nothing is written then.
   * @throws {Error} when its ClientToken is; nothing is written either.
   */
  mutate: <T>(request: RequestNonce, write: () => T, check?: () => void) => Promise<T>;
};

export function createWriter(groupCommit: GroupCommit, nonces: NonceRows, tokens: ClientTokenRows): Writer {
  return {
    write: groupCommit.add,
    mutate: (request, write, check) =>
      groupCommit.add(
        () => {
          nonces.insert(request);
          if (request.kept) tokens.insert(request.kept);
          return write();
        },
        () => {
          if (nonces.isUsed(request)) throw new ApiError("SignatureNonceUsed");
          if (request.kept && tokens.find(request.kept)) throw new Error("the ClientToken was used meanwhile");
          check?.();
        },
      ),
  };
}

/** A writer that counts what it writes: up to each write, all that was read before is as the database has it. */
export function countWrites({ write, mutate }: Writer): { readonly writer: Writer; readonly written: () => number } {
  let writes = 0;
  // inside the transaction, which nobody reads in the middle of; a write that runs twice, or is rolled back, only counts more
  const counted =
    <T>(run: () => T) =>
    () => {
      writes++;
      return run();
    };
  return {
    writer: {
      write: (run, check) => write(counted(run), check),
      mutate: (request, run, check) => mutate(request, counted(run), check),
    },
    written: () => writes,
  };
}
