import { NoAnswer } from "../../engine/insideHttp";
import { RegistryRefused } from "../../engine/mlflow";

/** What somebody says who asks MLflow, or MLflow's own words when it does not answer as it should. */
export async function asked(ask: () => Promise<string | undefined>): Promise<string | undefined> {
    try {
        return await ask();
    } catch (error) {
        if (error instanceof NoAnswer || error instanceof RegistryRefused) {
            return error.message;
        }
        throw error;
    }
}
