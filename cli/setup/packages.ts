/** Installs Debian packages, if this process may do so. */
import { allOnPath, mustRun } from "../local/processes";
import type { Report } from "../terminal/steps";

const LOCK_TIMEOUT_S = 120;

export function mayInstallPackages(): boolean {
    return process.getuid?.() === 0 && allOnPath("apt-get").length > 0;
}

export async function installPackages(names: readonly string[], report: Report): Promise<void> {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const remedy = `Install ${names.join(" and ")} yourself, then run this again.`;
    const wait = ["-o", `DPkg::Lock::Timeout=${LOCK_TIMEOUT_S}`];
    await mustRun("apt-get", [...wait, "update"], { env, report, remedy });
    await mustRun("apt-get", [...wait, "install", "-y", "--no-install-recommends", ...names], {
        env,
        report,
        remedy,
    });
}
