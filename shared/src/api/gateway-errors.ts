import { bad, conflict, failure, forbidden, notFound, type ErrorEntry } from "./error-entry.ts";

const unavailable = "The request has failed due to a temporary failure of the server.";
const unavailableTags = "The service is unavailable, please try again later.";
const dispatch = "An error occurred when you dispatched the request.";

/** Errors any action may answer (api-facts 5). */
export const GATEWAY_ERRORS = {
  MissingParameter: bad('The input parameter "%s" that is mandatory for processing this request is not supplied.'),
  InvalidParameter: bad('The specified parameter "%s" is not valid.'),
  "InvalidAction.NotFound": notFound("Specified api is not found, please check your url and method."),
  "InvalidAccessKeyId.NotFound": notFound("Specified access key is not found."),
  "InvalidAccessKeyId.Inactive": bad("Specified access key is disabled or expired."),
  SignatureDoesNotMatch: bad("Specified signature is not matched with our calculation. server string to sign is:%s"),
  IncompleteSignature: bad("The request signature does not conform to Aliyun standards."),
  SignatureNonceUsed: bad("Specified signature nonce was used already."),
  "InvalidTimeStamp.Expired": bad("Specified time stamp or date value is expired."),
  "InvalidTimeStamp.Format": bad("Specified time stamp or date value is not well formatted."),
  InvalidVersion: bad("Specified parameter Version is not valid."),
  "InvalidSecurityToken.Expired": bad("Specified SecurityToken is expired."),
  "InvalidSecurityToken.Malformed": bad("Specified SecurityToken is malformed."),
  "InvalidSecurityToken.MismatchWithAccessKey": bad("Specified SecurityToken mismatch with the AccessKey."),
  MissingSecurityToken: bad("SecurityToken is required for this action."),
  "Forbidden.RAM": forbidden(
    "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
  ),
  // RAM's and STS's word for the same
  NoPermission: forbidden("You are not authorized to do this action. You should be authorized by RAM."),
  "Throttling.User": bad("Request was denied due to user flow control."),
  Throttling: bad("Request was denied due to request throttling."),
  // documented with 500, not 503, at some actions
  ServiceUnavailable: {
    httpStatus: 503,
    message: unavailable,
    messages: { TagResources: unavailableTags, ListTagResources: unavailableTags },
    statuses: {
      DescribeInvocationResults: 500,
      DescribeCloudAssistantStatus: 500,
      DescribeCommands: 500,
      TagResources: 500,
      ListTagResources: 500,
    },
  },
  InternalError: failure("The request processing has failed due to some unknown error.", {
    DescribeTerminalSessions: dispatch,
    ModifyCloudAssistantSettings: dispatch,
    DescribeCloudAssistantSettings: dispatch,
    ModifyInvocationAttribute: dispatch,
  }),
} as const satisfies Record<string, ErrorEntry>;

/** Answers the documents have no row for: below the API (HTTP itself), newer than them, or about our own parameters. */
export const OWN_ERRORS = {
  UnsupportedSignatureType: bad("The SignatureType %s is not supported; sign with an AccessKey."),
  "InvalidParameter.Duplicate": bad('The parameter "%s" is given more than once.'),
  // documented at InvokeCommand
  "InvalidParameter.Parameters": bad("The specified parameter Parameters is not valid."),
  // documented at CreateCommand since December 2025
  "InvalidTimeout.ExceedLimit": forbidden("The specified parameter Timeout exceeds the upper limit."),
  // code named in DescribeInstances' DryRun, text from memory
  DryRunOperation: bad("Request validation has been passed with DryRun flag set."),
  // codes of OOS seen in its public clients; status and text are ours
  "EntityNotExists.Parameter": notFound("The specified parameter does not exist."),
  "EntityAlreadyExists.Parameter": conflict("A parameter of this name exists already."),
  "Request.Malformed": bad("The request is not well-formed HTTP."),
  "Request.TimedOut": { httpStatus: 408, message: "The request was not received in time." },
  "Request.BodyTooLarge": { httpStatus: 413, message: "The request body is larger than %s bytes." },
  "Request.HeaderTooLarge": { httpStatus: 431, message: "The request line and headers are larger than %s bytes." },
} as const satisfies Record<string, ErrorEntry>;
