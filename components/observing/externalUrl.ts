/**
 * How Prometheus and Alertmanager are told the address that they link to. What a proxy puts below a path is
 * asked for without it here.
 */
export function externalUrl(address: string): string[] {
    const below = new URL(address).pathname !== "/";
    return [`--web.external-url=${address}`, ...(below ? ["--web.route-prefix=/"] : [])];
}
