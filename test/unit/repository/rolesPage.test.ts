import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { CHECKOUT } from "../../../cli/local/paths";
import { rolesPage, routes } from "../../support/gateway/routes";
import { readDocument } from "../../support/pages/documents";

const PAGE = "docs/roles.md";

describe(PAGE, () => {
    it("has the roles that the program gives; MOCHA_WRITE_PAGES=1 writes them anew", () => {
        const text = rolesPage();
        if (process.env.MOCHA_WRITE_PAGES !== undefined) {
            writeFileSync(join(CHECKOUT, PAGE), text);
        }
        expect(readDocument(PAGE)).to.equal(text);
    });

    it("gives MLflow's page the roles of the API that it calls", () => {
        const all = routes().filter(({ endpoint }) => endpoint === "mlflow");
        const own = new Map(all.map(({ method, path, needs }) => [`${method} ${path}`, needs]));
        const twins = all.filter(({ method, path }) => own.has(`${method} /ajax-${path.slice(1)}`));
        expect(twins).to.have.length.above(100);
        for (const { method, path, needs } of twins) {
            expect(own.get(`${method} /ajax-${path.slice(1)}`), path).to.equal(needs);
        }
    });

    it("lets nobody change anything in MLflow but an admin, apart from labels", () => {
        const changing = routes().filter(
            ({ endpoint, method, path, needs }) =>
                endpoint === "mlflow" &&
                needs !== "admin" &&
                method !== "GET" &&
                !/search|graphql|batchGetInfos|correlation|traces\/metrics|get-latest-versions/.test(path),
        );
        expect([...new Set(changing.map(({ path, needs }) => `${needs} ${path.replace(/.*mlflow/, "")}`))])
            .to.have.length.above(5)
            .and.satisfy((all: string[]) =>
                all.every((it) =>
                    /^operator \/(label-schemas|review-queues|traces\/{}\/assessments)/.test(it),
                ),
            );
    });
});
