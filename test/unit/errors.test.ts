import { API_ERRORS, ApiError, isApiErrorCode } from "@cloud-assistant/shared/errors";
import { expect, test } from "vitest";

test("an action's own text and status win", () => {
  expect(new ApiError("NumberExceed.Tags").answerFor("RunCommand").message).toBe(
    "Ensure the number of tag parameters is not greater than 20.",
  );
  expect(new ApiError("NumberExceed.Tags").answerFor("DescribeInvocations").message).toBe(
    "The Tags parameter number is exceed.",
  );
  expect(new ApiError("ServiceUnavailable").answerFor("DescribeInvocationResults").httpStatus).toBe(500);
  expect(new ApiError("ServiceUnavailable").answerFor(undefined).httpStatus).toBe(503);
});

test("values fill the text, also when they look like its places; a detail replaces it", () => {
  expect(new ApiError("MissingParameter", { values: ["Action"] }).message).toBe(
    'The input parameter "Action" that is mandatory for processing this request is not supplied.',
  );
  expect(new ApiError("InvalidParameter", { values: ["%s"] }).message).toBe(
    'The specified parameter "%s" is not valid.',
  );
  expect(new ApiError("Operation.Forbidden", { detail: "No." }).answerFor("RunCommand")).toEqual({
    httpStatus: 403,
    code: "Operation.Forbidden",
    message: "No.",
  });
});

test("inherited names are no codes, and every row is an error with a text", () => {
  expect(isApiErrorCode("constructor")).toBe(false);
  for (const { httpStatus, message } of Object.values(API_ERRORS)) {
    expect(httpStatus).toBeGreaterThanOrEqual(400);
    expect(message).not.toBe("");
  }
});
