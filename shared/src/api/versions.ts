/** Versions of the APIs we speak; a client sends the one it was made for. */
export const ECS_VERSION = "2014-05-26";
/** CloudOps Orchestration Service: its Parameter Store. */
export const OOS_VERSION = "2019-06-01";
/** Resource Access Management: users, access keys, policies. */
export const RAM_VERSION = "2015-05-01";
/** Security Token Service: temporary keys. */
export const STS_VERSION = "2015-04-01";
