import { expect } from "chai";

import {
    type Permission,
    READING,
    renderPermissions,
    roleFor,
} from "../../../../components/gateway/permission";

const PERMISSIONS: readonly Permission[] = [
    { role: "operator", methods: ["DELETE"], paths: ["/silence/{}"] },
    { role: "admin", paths: ["/secret/*"] },
    { role: "viewer", methods: READING, paths: ["/", "/pages/*", "/secret/page"] },
    { role: "caller", paths: ["/predict", "/a.b"] },
];

describe("roles of requests", () => {
    const CASES: [string, string, string][] = [
        ["GET", "/", "viewer"],
        ["HEAD", "/pages/a/b", "viewer"],
        ["POST", "/pages/a", "admin"],
        ["GET", "/pages", "admin"],
        ["GET", "/pagesx", "admin"],
        ["POST", "/predict", "caller"],
        ["GET", "/predict/", "admin"],
        ["GET", "/a.b", "caller"],
        ["GET", "/axb", "admin"],
        ["DELETE", "/silence/1", "operator"],
        ["DELETE", "/silence/1/2", "admin"],
        ["DELETE", "/silence/", "admin"],
        // The first permission that fits decides.
        ["GET", "/secret/page", "admin"],
        ["BREW", "/predict", "caller"],
        ["BREW", "/", "admin"],
    ];
    for (const [method, path, role] of CASES) {
        it(`${method} ${path} needs the role ${role}`, () => {
            expect(roleFor(PERMISSIONS, method, path)).to.equal(role);
        });
    }

    for (const path of [
        "/pages/../secret/x",
        "/pages/./x",
        "/pages/..",
        "/pages//x",
        "/pages/%2e%2e/x",
        "/pages/%2E%2E/x",
        "/pages/a%2fb",
        "/pages/a\\b",
        "/pages/a%5Cb",
        "/pages/a%00",
    ]) {
        it(`gives no role for ${path}, which an upstream may read as another path`, () => {
            expect(roleFor(PERMISSIONS, "GET", path)).to.equal("admin");
        });
    }

    it("a dot or an escaped space in a name is no other path", () => {
        for (const path of [
            "/pages/model.skops",
            "/pages/..a",
            "/pages/a..",
            "/pages/a%20b",
            "/pages/a%2520",
        ]) {
            expect(roleFor(PERMISSIONS, "GET", path), path).to.equal("viewer");
        }
    });

    it("become HAProxy's rules in reverse, because the last one that fits decides there", () => {
        const rules = renderPermissions(PERMISSIONS);
        expect(rules.slice(0, 7)).to.deep.equal(
            [
                "admin",
                "caller if { path /predict /a.b }",
                "viewer if { method GET HEAD OPTIONS } { path / /secret/page }",
                "viewer if { method GET HEAD OPTIONS } { path_beg /pages/ }",
                "admin if { path_beg /secret/ }",
                "operator if { method DELETE } { path -m reg '^/silence/[^/]+$' }",
                String.raw`admin if { path -i -m reg '(^|/)\.\.?(/|$)|//|\\|%2[ef]|%5c|%00' }`,
            ].map((rule) => rule.replace(/^(\w+)/, "http-request set-var(txn.needs) str($1)")),
        );
    });
});
