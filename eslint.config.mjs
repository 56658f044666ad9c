import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["node_modules/", "trainer/", "trainers/", "kit/", "eslint.config.mjs", "**/*.cjs"] },
    tseslint.configs.recommendedTypeChecked,
    {
        languageOptions: {
            parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname },
        },
        rules: {
            curly: ["error", "all"],
            eqeqeq: "error",
            "@typescript-eslint/no-explicit-any": "error",
            "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
            "@typescript-eslint/no-floating-promises": "error",
            "@typescript-eslint/prefer-nullish-coalescing": "error",
            "@typescript-eslint/switch-exhaustiveness-check": [
                "error",
                { considerDefaultExhaustiveForUnions: true },
            ],
            "max-lines": ["error", 250],
        },
    },
    {
        files: ["test/**/*.ts"],
        rules: {
            // chai's assertions are expressions: expect(x).to.be.true;
            "@typescript-eslint/no-unused-expressions": "off",
        },
    },
    { linterOptions: { reportUnusedDisableDirectives: "error" } },
);
