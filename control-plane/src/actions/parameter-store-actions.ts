import type { Action } from "./action.ts";
import { createParameter } from "./create-parameter.ts";
import { createSecretParameter } from "./create-secret-parameter.ts";
import { deleteParameter } from "./delete-parameter.ts";
import { deleteSecretParameter } from "./delete-secret-parameter.ts";
import { getParameter } from "./get-parameter.ts";
import { getParameters } from "./get-parameters.ts";
import { getSecretParameter } from "./get-secret-parameter.ts";
import { listParameters } from "./list-parameters.ts";
import { listSecretParameters } from "./list-secret-parameters.ts";
import { updateParameter } from "./update-parameter.ts";
import { updateSecretParameter } from "./update-secret-parameter.ts";

/** Of OOS, version 2019-06-01. */
export const PARAMETER_STORE: readonly Action[] = [
  createParameter,
  createSecretParameter,
  deleteParameter,
  deleteSecretParameter,
  getParameter,
  getParameters,
  getSecretParameter,
  listParameters,
  listSecretParameters,
  updateParameter,
  updateSecretParameter,
];
