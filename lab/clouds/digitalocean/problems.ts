/** DigitalOcean's refusals: `{"id": "...", "message": "..."}` (API v2, "Statuses"). Pure. */
import { CloudProblem } from "../http";

export const notFound = (): CloudProblem =>
  new CloudProblem(404, { id: "not_found", message: "The resource you were accessing could not be found." });

export const unauthorized = (): CloudProblem =>
  new CloudProblem(401, { id: "Unauthorized", message: "Unable to authenticate you" });

export const unprocessable = (message: string): CloudProblem =>
  new CloudProblem(422, { id: "unprocessable_entity", message });

export const badRequest = (message: string): CloudProblem => new CloudProblem(400, { id: "bad_request", message });
