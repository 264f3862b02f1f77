import * as z from "zod";
import { clientToken, code, idList, integer, oneOf, optional, parseJson, read, required, text } from "./fields.ts";

const MAX_INSTANCES = 10;

/** One parameter that holds a JSON object. */
const encryptionOptions = read(
  (given) => {
    const Options = z.object({
      Enabled: z.union([z.boolean(), z.enum(["true", "false"]).transform((word) => word === "true")]).optional(),
      Mode: z.enum(["Auto", "Kms"]).optional(),
      KMSKeyId: z.string().max(255).optional(),
    });
    return Options.safeParse(parseJson(given)).data;
  },
  "InvalidParameter",
  { takes: "JSON object of `Enabled`, `Mode`, `KMSKeyId`" },
);

export const StartTerminalSessionInput = z
  .object({
    RegionId: required(),
    ClientToken: clientToken,
    InstanceId: idList
      .refine((ids) => ids.length > 0, code("MissingParameter"))
      .refine((ids) => ids.length <= MAX_INSTANCES, code("InstanceIds.ExceedLimit"))
      .meta({ takes: `1 to ${MAX_INSTANCES} ids; one with CommandLine or TargetServer` }),
    PortNumber: integer(1, 65_535, "PortNumber.Invalid"),
    ConnectionType: oneOf(["Internet", "Intranet"], "InvalidParameter.ConnectionType"),
    CommandLine: text(512, "InvalidCommandLine.LengthLimitExceeded"),
    TargetServer: text(128, "InvalidTargetServer.LengthLimitExceeded"),
    Username: text(255, "Username.ExceedLimit"),
    PasswordName: text(255, "InvalidPasswordName.LengthLimitExceeded"),
    EncryptionOptions: encryptionOptions,
  })
  .refine(
    ({ CommandLine, PortNumber, TargetServer }) =>
      CommandLine === "" || (PortNumber === undefined && TargetServer === ""),
    code("InvalidCommandLine.Conflict"),
  )
  .refine(
    ({ PortNumber, TargetServer }) => TargetServer === "" || PortNumber !== undefined,
    code("InvalidTargetServer.MissingPortNumber"),
  )
  .refine(
    ({ InstanceId, CommandLine, TargetServer }) =>
      InstanceId.length <= 1 || (CommandLine === "" && TargetServer === ""),
    code("InvalidInstanceIds.CountLimitExceeded"),
  );

export const EndTerminalSessionInput = z.object({ RegionId: required(), SessionId: required() });

export const DescribeTerminalSessionsInput = z.object({
  RegionId: required(),
  InstanceId: optional,
  SessionId: optional,
  MaxResults: integer(1, 100, "InvalidParameter.MaxResults"),
  NextToken: optional,
});

/** The wire names begin with a small letter; by the time they come here they do not (`foldName`). */
const statusKey = required().pipe(z.enum(["sessionManagerStatus"], code("InvalidParameter")));
export const DescribeUserBusinessBehaviorInput = z.object({ StatusKey: statusKey });
export const ModifyUserBusinessBehaviorInput = z.object({
  StatusKey: statusKey,
  StatusValue: required().pipe(z.enum(["enabled", "disabled"], code("InvalidParameter"))),
});
