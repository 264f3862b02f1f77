/** The moments at which a control plane may die; told to the observer it was composed with, as on the agent. */
export const CONTROL_PLANE_STEPS = [
  "request received",
  "request committed",
  "answer sent",
  "order sent",
  "frame received",
  "frame committed",
  "frame acknowledged",
] as const;
export type ControlPlaneStep = (typeof CONTROL_PLANE_STEPS)[number];
export type OnControlPlaneStep = (step: ControlPlaneStep, fields: Readonly<Record<string, unknown>>) => void;
