/** Some programs read each variable in capitals, others in small letters (curl and apt look at http_proxy only). */
const NAMES = ["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"];

/**
 * The proxies of this machine as arguments of an image's build: each proxy that is set, in
 * both spellings. A Dockerfile need not declare these arguments. The engine writes them
 * neither to the image nor to its history. Source: Docker's documentation, "Predefined ARGs".
 */
export function proxyArguments(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
    return Object.fromEntries(
        NAMES.flatMap((name) => {
            const value = env[name] ?? env[name.toUpperCase()];
            return value === undefined || value === ""
                ? []
                : [
                      [name, value],
                      [name.toUpperCase(), value],
                  ];
        }),
    );
}
