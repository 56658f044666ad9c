/**
 * The options that tell Prometheus or Alertmanager the address for its links. If a proxy
 * serves it below a path, requests arrive here without that path.
 */
export function externalUrl(address: string): string[] {
    const below = new URL(address).pathname !== "/";
    return [`--web.external-url=${address}`, ...(below ? ["--web.route-prefix=/"] : [])];
}
