/** Each is read in capitals by some programs and in small letters by others (curl and apt look at http_proxy only). */
const NAMES = ["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"];

/**
 * The proxies of this machine as arguments of an image's build: those that are set, each in both spellings. The
 * engine knows these arguments without a word in the Dockerfile, and writes them neither to the image nor to its
 * history. Source: Docker's documentation, "Predefined ARGs".
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
