import { expect } from "chai";

import { placed, readDockerfile } from "../../../../cli/trainer/dockerfile";

const TEXT = `# A comment.
ARG UV="uv==1 \\
    --hash=sha256:0"
FROM seismic-mlops/base:trixie AS dependencies
COPY requirements.txt /app/
ENV PATH=/opt/venv/bin:/bin A=1 \\
    # A comment between.
    B="x y" C=$A
ENV OLD some words
WORKDIR /app

FROM dependencies AS test
COPY tests ./tests
ENV PYTHONPATH=/kit

FROM golang AS made
COPY go.mod .

FROM dependencies
COPY --chown=1:1 kit/kit ./kit
COPY ["churn", "./churn"]
COPY --from=made /out/program /usr/local/bin/
COPY models/*.bin ./models/
COPY one.py two.py lib/
ADD https://example.org/x /x
`;

describe("a trainer's Dockerfile", () => {
    const image = readDockerfile(TEXT);

    it("tells the variables of its last stage, and of those that it begins from", () => {
        expect(image.variables).to.deep.equal({
            PATH: "/opt/venv/bin:/bin",
            A: "1",
            B: "x y",
            OLD: "some words",
        });
    });

    it("tells where files of the context go, and which files only a build has", () => {
        const names = [
            "requirements.txt",
            "kit/kit/a/b.py",
            "kit/tests/t.py",
            "churn/train.py",
            "tests/t.py",
            "two.py",
        ];
        expect(Object.fromEntries(placed(image.copied, names))).to.deep.equal({
            "requirements.txt": ["/app/requirements.txt"],
            "kit/kit/a/b.py": ["/app/kit/a/b.py"],
            "churn/train.py": ["/app/churn/train.py"],
            "two.py": ["/app/lib/two.py"],
        });
        expect(image.unfollowed).to.deep.equal([
            "COPY --from=made /out/program /usr/local/bin/",
            "COPY models/*.bin ./models/",
            "ADD https://example.org/x /x",
        ]);
    });

    it("copies the whole context, or a file under another name", () => {
        const { copied } = readDockerfile("FROM a\nWORKDIR /app\nCOPY . .\nCOPY a.py /app/churn/b.py\n");
        expect(placed(copied, ["a.py", "x/y"])).to.deep.equal(
            new Map([
                ["a.py", ["/app/a.py", "/app/churn/b.py"]],
                ["x/y", ["/app/x/y"]],
            ]),
        );
    });
});
