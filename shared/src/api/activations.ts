import * as z from "zod";
import { clientToken, optional, paging, read, required, integer, text } from "./fields.ts";
import type { TagAnswer, TokenPage } from "./answers.ts";
import { tags } from "./tags.ts";

const MAX_INSTANCES = 1000;
/** The SDK says 4, Terraform validates 24 (api-facts 1.11). */
const MAX_HOURS = 24;
const DEFAULT_INSTANCES = 10;
const DEFAULT_HOURS = 4;

const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ADDRESS_RANGE = new RegExp(`^${octet}(?:\\.${octet}){3}(?:/(?:3[0-2]|[12]?\\d))?$`);

export const CreateActivationInput = z.object({
  RegionId: required(),
  ClientToken: clientToken,
  InstanceName: text(50, "InstanceName.ExceedLimit").refine(
    (name) => name === "" || /^[A-Za-z][A-Za-z0-9._:-]+$/.test(name),
    "InstanceName.InvalidPattern",
  ),
  Description: text(100, "ActivationDesc.ExceedLimit"),
  InstanceCount: integer(1, MAX_INSTANCES, "ActivationLimitation.Invalid", [MAX_INSTANCES]).transform(
    (count) => count ?? DEFAULT_INSTANCES,
  ),
  TimeToLiveInHours: integer(1, MAX_HOURS, "ActivationTTL.ExceedLimit", [MAX_HOURS]).transform(
    (hours) => hours ?? DEFAULT_HOURS,
  ),
  IpAddressRange: read((given) => (ADDRESS_RANGE.test(given) ? given : undefined), "AddressRange.InvalidPattern", {
    takes: "IPv4 address or CIDR block",
  }),
  ResourceGroupId: optional,
  Tag: tags,
});
export type CreateActivationInput = z.infer<typeof CreateActivationInput>;
export type CreateActivationAnswer = { readonly ActivationId: string; readonly ActivationCode: string };

export const DescribeActivationsInput = z.object({
  RegionId: required(),
  ActivationId: optional,
  InstanceName: optional,
  ResourceGroupId: optional,
  Tag: tags,
  ...paging,
});

export type ActivationAnswer = {
  readonly ActivationId: string;
  readonly InstanceCount: number;
  readonly RegisteredCount: number;
  readonly DeregisteredCount: number;
  readonly TimeToLiveInHours: number;
  readonly Description: string;
  readonly InstanceName: string;
  readonly IpAddressRange: string;
  readonly Disabled: boolean;
  readonly CreationTime: string;
  readonly ResourceGroupId: string;
  readonly Tags: readonly TagAnswer[];
};
/** Of DisableActivation and DeleteActivation. */
export const ChangeActivationInput = z.object({ RegionId: required(), ActivationId: required() });
export type ChangeActivationInput = z.infer<typeof ChangeActivationInput>;
export type DisableActivationAnswer = { readonly Activation: Omit<ActivationAnswer, "ResourceGroupId" | "Tags"> };
export type DeleteActivationAnswer = {
  readonly Activation: Omit<ActivationAnswer, "ResourceGroupId" | "Tags" | "Disabled">;
};

export type DescribeActivationsAnswer = TokenPage & { readonly ActivationList: readonly ActivationAnswer[] };
