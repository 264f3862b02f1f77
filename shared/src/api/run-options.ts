import * as z from "zod";
import { DEFAULT_DELIVERY_TIMEOUT_SECONDS, MAX_DELIVERY_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS } from "../limits.ts";
import { REPEAT_MODES, TERMINATION_MODES } from "../vocabulary.ts";
import { givenText, idList, integer, oneOf, optional, read, text } from "./fields.ts";
import { customParameters, PARAMETER_CODES } from "./parameters.ts";
import { resourceTags, tags } from "./tags.ts";

/** Fields of commands and invocations, each with its documented errors. */
export const commandName = givenText(128, "CmdName.ExceedLimit", "InvalidParameterCharacter.CommandName");
export const commandDescription = givenText(512, "CmdDesc.ExceedLimit", "InvalidParameterCharacter.CommandDescription");
export const workingDir = givenText(200, "InvalidParameter.WorkingDir", "InvalidParameterCharacter.CommandWorkingDir");

const MAX_LAUNCHER_BYTES = 1024;
const encoder = new TextEncoder();
/** A command line. It may hold `{{ACS::ScriptFileName}}`, so control characters would be told by the host, not here. */
export const launcher = givenText(MAX_LAUNCHER_BYTES, "InvalidLauncher.LengthLimitExceeded").refine(
  (given) => encoder.encode(given).length <= MAX_LAUNCHER_BYTES,
  "InvalidLauncher.LengthLimitExceeded",
);

/** Whole seconds, at least `min`. */
export const timeoutSeconds = (min: number) =>
  read(
    (given) => (/^[1-9]\d{0,14}$/.test(given) && Number(given) >= min ? Number(given) : undefined),
    "InvalidParameter",
    {
      takes: `seconds, ${min} to ${MAX_TIMEOUT_SECONDS}`,
    },
  ).refine((seconds) => seconds === undefined || seconds <= MAX_TIMEOUT_SECONDS, "InvalidTimeout.ExceedLimit");

const MAX_OSS_DELIVERY = 1024;

/** What RunCommand and InvokeCommand share. */
export const RunOptions = z.object({
  Parameters: customParameters(PARAMETER_CODES).transform((given) => given ?? {}),
  Username: text(255, "Username.ExceedLimit", "InvalidParameter"),
  WindowsPasswordName: text(255, "WindowsPasswordName.ExceedLimit"),
  TerminationMode: oneOf(TERMINATION_MODES, "InvalidTerminationMode.NotFound"),
  RepeatMode: oneOf(REPEAT_MODES, "InvalidRepeatMode.NotFound"),
  Frequency: optional.meta({
    takes: "`rate(5m)`, `at(2099-01-01 00:00:00 UTC)` or cron `sec min hour dom month dow [year] [zone]`",
  }),
  Launcher: launcher.default(""),
  ContainerId: read(
    (given) => (/^(?:(?:docker|containerd|cri-o):\/\/)?[0-9a-fA-F]{64}$/.test(given) ? given : undefined),
    "InvalidContainerId.Malformed",
    { takes: "64 hex digits, behind `docker://`, `containerd://`, `cri-o://` or nothing" },
  ),
  ContainerName: read(
    (given) => (/^[0-9A-Za-z][0-9A-Za-z._-]{0,254}$/.test(given) ? given : undefined),
    "InvalidContainerName.Malformed",
    {
      takes: "name of a container",
    },
  ),
  InstanceId: idList.meta({ takes: "up to `maxInstancesPerInvocation` ids (100); not with ResourceTag" }),
  ResourceTag: resourceTags,
  ResourceGroupId: optional,
  Tag: tags,
  /** No documents say its syntax but `oss://bucket/prefix`; where it may point to is configuration. */
  OssOutputDelivery: read(
    (given) =>
      given.length <= MAX_OSS_DELIVERY && /^oss:\/\/[a-z0-9][a-z0-9-]{1,61}[a-z0-9](?:\/[^\s\\]*)?$/.test(given)
        ? given
        : undefined,
    "InvalidParameter",
    { takes: "`oss://BUCKET/PREFIX`, within `outputDeliveryTargets`" },
  ),
  /** Ours: seconds to wait for an offline host. */
  DeliveryTimeout: integer(1, MAX_DELIVERY_TIMEOUT_SECONDS).transform(
    (seconds) => seconds ?? DEFAULT_DELIVERY_TIMEOUT_SECONDS,
  ),
});
export type RunOptions = z.infer<typeof RunOptions>;
