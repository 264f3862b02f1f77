// `npm run docs`: makes the pages that say what the code says, docs/api.md and the tables of docs/errors.md.
import { readFileSync, writeFileSync } from "node:fs";
import { API_PAGE, apiPage } from "./api-page.ts";
import { ERRORS_PAGE, errorsPage } from "./errors-page.ts";

writeFileSync(API_PAGE, apiPage());
writeFileSync(ERRORS_PAGE, errorsPage(readFileSync(ERRORS_PAGE, "utf8")));
