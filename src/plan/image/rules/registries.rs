//! What is said about names, pushes and uses of images.

crate::findings! {
    /// The digest of an image is read with `docker inspect`.
    ///
    /// ## Why it matters
    /// Kaniko writes it to a file after the push; the command prints that.
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
    ///                 docker build -t registry.example.com/shop/api:1 .
    ///                 docker push registry.example.com/shop/api:1
    ///                 docker inspect --format='{{index .RepoDigests 0}}' registry.example.com/shop/api:1 > digest.txt
    /// ```
    ///
    /// ## Instead
    /// Nothing.
    pub DIGEST_FROM_INSPECT = "digest-from-inspect", Migration, Info, Converted;

    /// An image is copied from a registry or a file to a registry, without a build.
    ///
    /// ## Why it matters
    /// `docker pull`, `tag` and `push` went through the agent's daemon; `crane` copies from registry to registry,
    /// with the digest unchanged.
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
    ///                 docker pull registry.example.com/shop/api:1
    ///                 docker tag registry.example.com/shop/api:1 registry.example.com/shop/api:latest
    ///                 docker push registry.example.com/shop/api:latest
    /// ```
    ///
    /// ## Instead
    /// Nothing.
    pub IMAGE_COPY_STEP = "image-copy-step", Migration, Info, Converted;

    /// An image is built under a name, and this job pushes it nowhere.
    ///
    /// ## Why it matters
    /// The agent's daemon kept it for whoever came later on that agent; with the pod it is gone.
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
    ///                 docker build -t registry.example.com/shop/api:1 .
    /// ```
    ///
    /// ## Instead
    /// Push it in this job if somebody needs it; nothing, if the build was only a check.
    pub BUILT_WITHOUT_PUSH = "built-without-push", Migration, Warning, Approximated;

    /// An image is pushed to a registry, or a task logs in to one.
    ///
    /// ## Why it matters
    /// The Kaniko container reads its credentials from a Secret (or from the identity of its ServiceAccount); the
    /// script's own login is gone.
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
    ///                 docker build -t registry.example.com/shop/api:1 .
    ///                 docker push registry.example.com/shop/api:1
    /// ```
    ///
    /// ## Instead
    /// Fill in the Secret, or give the ServiceAccount the right to push.
    pub REGISTRY_CREDENTIALS = "registry-credentials", Security, Decision, Decision;
}
