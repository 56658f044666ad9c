import { at, type Declared, shown } from "../declared";
import type { Rule } from "../rule";
import { type Place, taskOf } from "../tasks";

/**
 * An image of this project by the hash of its source and its base, also in a stack's own registry; any image by its
 * digest, and any image by its id.
 */
const PINNED = [
    /^(127\.0\.0\.1:\d+\/)?seismic-mlops\/[\w.-]+:[0-9a-f]{16}(-[0-9a-f]{12})?$/,
    /@sha256:[0-9a-f]{64}$/,
    /^sha256:[0-9a-f]{64}$/,
];

/** For each resource that fetches or builds an image: the input with the image's name. */
const NAMED: Readonly<Record<string, string>> = {
    "docker:index/remoteImage:RemoteImage": "name",
    "docker:index/registryImage:RegistryImage": "name",
    "docker:index/image:Image": "imageName",
};

/** Refuses an image whose name may mean another image tomorrow. */
export const pinnedImages: Rule = (declared) => {
    const place = imageOf(declared);
    if (typeof place?.value !== "string") {
        return [];
    }
    const { path, value } = place;
    return PINNED.some((form) => form.test(value))
        ? []
        : [
              `${path}: got ${shown(value)}, which may be another image tomorrow; add its digest (NAME:TAG@sha256:...), ` +
                  "or build it here (components/image/sourceImage.ts)",
          ];
};

function imageOf(declared: Declared): Place | undefined {
    const key = NAMED[declared.type];
    return key === undefined ? taskOf(declared)?.image : { path: key, value: at(declared.props, key) };
}
