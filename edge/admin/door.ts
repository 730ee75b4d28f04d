/** What is behind `ADMIN_TOKEN`: `/admin/…` and `/metrics`. Without the variable neither exists. */
import { failure } from "../answers.ts";
import { readSettings } from "../settings.ts";
import { answerOperator } from "./api.ts";
import { metrics } from "./metrics.ts";
import { isOperator } from "./operator.ts";

/** @param path without a slash at its end */
export async function operatorDoor(path: string, request: Request, env: Env): Promise<Response> {
  const { adminToken } = readSettings(env);
  if (adminToken === undefined) return failure(404, "not found");
  if (!(await isOperator(request, adminToken)))
    return failure(401, "unauthorized", { "www-authenticate": "Bearer" });
  return path === "/metrics" ? metrics(request, env) : answerOperator(path, request, env);
}

export const isForOperator = (path: string): boolean => path === "/metrics" || path.startsWith("/admin/");
