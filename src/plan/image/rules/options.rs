//! What is said about the words of a build.

crate::findings! {
    /// A build hands a secret to `RUN --mount=type=secret`.
    ///
    /// ## Why it matters
    /// Kaniko does not keep such secrets out of the image's layers and the node's memory the way BuildKit does.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - image:
    ///           tasks:
    ///             - script: |
    ///                 docker build --secret id=npmrc,src=.npmrc -t registry.example.com/shop/api:1 .
    /// ```
    ///
    /// ## Instead
    /// Give the image to rootless BuildKit, with `builds` in the configuration, or fetch with the secret in a task before the
    /// build and copy the result.
    pub BUILDKIT_SECRET = "buildkit-secret", Migration, Decision, Decision;

    /// A build forwards an ssh agent into `RUN --mount=type=ssh`.
    ///
    /// ## Why it matters
    /// Kaniko has no agent to forward.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - image:
    ///           tasks:
    ///             - script: |
    ///                 docker build --ssh default -t registry.example.com/shop/api:1 .
    /// ```
    ///
    /// ## Instead
    /// Give the image to rootless BuildKit, with `builds` and `buildkit.ssh-secret` in the configuration, or check the sources out
    /// in a task before the build, for example as a second git material.
    pub BUILDKIT_SSH = "buildkit-ssh", Migration, Decision, Decision;

    /// An image for several platforms is built or joined.
    ///
    /// ## Why it matters
    /// Kaniko builds for one platform at a time, and an index of several images is written by another tool.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - image:
    ///           tasks:
    ///             - script: |
    ///                 docker buildx build --platform linux/amd64,linux/arm64 --push -t registry.example.com/shop/api:1 .
    /// ```
    ///
    /// ## Instead
    /// Give the image to rootless BuildKit, with `builds` in the configuration, or build one job per platform, on nodes of that platform, and join the images with `crane index append` or
    /// `manifest-tool`.
    pub MULTI_PLATFORM = "multi-platform", Migration, Decision, Decision;

    /// The platform is one that Kaniko cannot build for.
    ///
    /// ## Why it matters
    /// Windows images need Windows nodes and docker.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - image:
    ///           tasks:
    ///             - script: |
    ///                 docker build --platform windows/amd64 -t registry.example.com/shop/api:1 .
    /// ```
    ///
    /// ## Instead
    /// Keep this build outside of the cluster.
    pub PLATFORM_UNSUPPORTED = "platform-unsupported", Migration, Decision, Decision;

    /// A build names a network.
    ///
    /// ## Why it matters
    /// Kaniko runs the `RUN` lines in the pod's own network; there is no other to choose.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - image:
    ///           tasks:
    ///             - script: |
    ///                 docker build --network host -t registry.example.com/shop/api:1 .
    /// ```
    ///
    /// ## Instead
    /// Nothing, unless a `RUN` line needs a service of the agent's network.
    pub NETWORK_MODE = "network-mode", Migration, Warning, Approximated;

    /// A build adds an entry to the hosts file.
    ///
    /// ## Why it matters
    /// Kaniko has no such option; the pod gets a host alias.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - image:
    ///           tasks:
    ///             - script: |
    ///                 docker build --add-host repo.local:10.1.2.3 -t registry.example.com/shop/api:1 .
    /// ```
    ///
    /// ## Instead
    /// Nothing, unless other containers of the pod must not see the entry.
    pub ADD_HOST = "add-host", Migration, Info, Converted;

    /// A build limits memory or processor time.
    ///
    /// ## Why it matters
    /// Limits are the container's on Kubernetes, and memory has to hold Kaniko's own snapshots as well.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - image:
    ///           tasks:
    ///             - script: |
    ///                 docker build --memory 2g -t registry.example.com/shop/api:1 .
    /// ```
    ///
    /// ## Instead
    /// Watch the first runs and raise the limit when the container is killed.
    pub BUILD_RESOURCE_LIMIT = "build-resource-limit", Migration, Info, Converted;

    /// A build squashes its layers.
    ///
    /// ## Why it matters
    /// Kaniko takes one snapshot at the end; the layers of the base image stay their own.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - image:
    ///           tasks:
    ///             - script: |
    ///                 docker build --squash -t registry.example.com/shop/api:1 .
    /// ```
    ///
    /// ## Instead
    /// Nothing, unless somebody counts layers.
    pub SQUASH_APPROXIMATED = "squash-approximated", Migration, Info, Converted;

    /// A build takes its cache from an image.
    ///
    /// ## Why it matters
    /// Kaniko reads cached layers from a cache repository of its own.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - image:
    ///           tasks:
    ///             - script: |
    ///                 docker build --cache-from registry.example.com/shop/api:1 -t registry.example.com/shop/api:2 .
    /// ```
    ///
    /// ## Instead
    /// Set a cache repository in the configuration.
    pub CACHE_FROM_APPROXIMATED = "cache-from-approximated", Migration, Info, Converted;

    /// A build writes docker's image id or metadata to a file.
    ///
    /// ## Why it matters
    /// Kaniko knows the digest of the manifest, not docker's image id; whether the digest may take its place
    /// depends on who reads the file.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - image:
    ///           tasks:
    ///             - script: |
    ///                 docker build --iidfile id.txt -t registry.example.com/shop/api:1 .
    /// ```
    ///
    /// ## Instead
    /// Use the digest where the reader accepts it.
    pub IMAGE_ID_FILE = "image-id-file", Migration, Decision, Decision;

    /// The context of a build is a git URL.
    ///
    /// ## Why it matters
    /// Kaniko clones it itself, with credentials of its own, and not at a revision that a material names.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - image:
    ///           tasks:
    ///             - script: |
    ///                 docker build -t registry.example.com/shop/api:1 https://git.example.com/acme/api.git##v2
    /// ```
    ///
    /// ## Instead
    /// Make the repository a material when its changes should trigger the pipeline.
    pub GIT_URL_CONTEXT = "git-url-context", Migration, Info, Converted;

    /// A build has no context.
    ///
    /// ## Why it matters
    /// The Dockerfile comes through standard input and no files go with it; the Kaniko build gets an empty folder.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - image:
    ///           tasks:
    ///             - script: |
    ///                 docker build -t registry.example.com/shop/api:1 - < Dockerfile
    /// ```
    ///
    /// ## Instead
    /// Nothing.
    pub EMPTY_CONTEXT = "empty-context", Migration, Info, Converted;
}
