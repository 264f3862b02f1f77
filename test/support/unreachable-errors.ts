/** Documented rows that no request can reach here, by code, and why; `docs/errors.md` says the same. */
export const UNREACHABLE: Readonly<Record<string, { readonly at?: readonly string[]; readonly why: string }>> = {
  "RegionId.ApiNotSupported": { why: "Every region that is configured offers every action." },
  "Operation.Forbidden": { why: "Who may not do something is told `Forbidden.RAM`." },
  "InternalError.Dispatch": { why: "Nothing is dispatched on its own: what fails inside is `InternalError`." },
  InternalError: { why: "Only a fault of ours or of the disk makes it." },
  ServiceUnavailable: { why: "Only a control plane that is going away answers it." },
  "InvalidStatus.ResourceGroup": { why: "Groups are configured; none is ever being made or deleted." },
  "OperationDenied.BidOwnResource": { why: "There are no partner accounts." },
  IdempotentProcessing: { why: "The second of two calls at once waits for the first and gets its answer." },
  "InvalidCmdId.NotFound": { at: ["RunCommand"], why: "RunCommand names no command." },
  "CmdContent.ExceedLimit": { at: ["ModifyCommand"], why: "ModifyCommand ignores CommandContent, as documented." },
  "CmdName.Readonly": { why: "There are no public commands." },
  "Parameter.MissingValue": { why: "Only a public command can require a value." },
  "InvalidOperation.ModifyPublicCommandUnsupported": { why: "There are no public commands." },
  "InvalidOperation.CloudAssistantVersionUnsupported": { why: "Every agent that connects can be told of a change." },
  "InvalidCommandId.NotFound": { why: "ModifyInvocationAttribute names no command." },
  "ParameterStore.NotSupported": { why: "Names in the Parameter Store are passed on, not looked up, at the call." },
  "ParameterStore.InvalidParameters": { why: "Names in the Parameter Store are passed on, not looked up, at the call." },
  "ParameterStore.NoPermission": { why: "Names in the Parameter Store are passed on, not looked up, at the call." },
  "TemporaryAccessKey.Error": { why: "Names in the Parameter Store are passed on, not looked up, at the call." },
};

export function isUnreachable(action: string, code: string): boolean {
  const row = UNREACHABLE[code];
  return row !== undefined && (row.at === undefined || row.at.includes(action));
}
