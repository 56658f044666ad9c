import { NoAnswer } from "../../engine/streams/insideHttp";
import { RegistryRefused } from "../../components/registry/mlflow";

/**
 * The answer of somebody who asks MLflow. If MLflow does not answer, or refuses, the answer is MLflow's own message.
 */
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
