import { NoAnswer } from "../../engine/streams/insideHttp";
import { RegistryRefused } from "../../components/registry/mlflow";

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
