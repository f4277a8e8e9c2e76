//! What is said about builds that the configuration gives to BuildKit.

crate::findings! {
    /// A docker build becomes a build by rootless BuildKit.
    ///
    /// ## Why it matters
    /// The configuration says so for this image. The build stays where it stands in the script; options and syntax that only
    /// BuildKit has keep their effect.
    ///
    /// ## Example
    /// ```yaml
    /// # with `builds: {registry.example.com/shop/api: {builder: buildkit}}` in gocd2argo.yaml
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
    /// Nothing.
    pub DOCKER_TO_BUILDKIT = "docker-to-buildkit", Migration, Info, Converted;

    /// A pod has a container without seccomp and AppArmor profiles, because rootless BuildKit builds in it.
    ///
    /// ## Why it matters
    /// BuildKit makes namespaces of its own, which these profiles forbid. The container has no privileges and runs as the user 1000,
    /// but the pod does not meet the Pod Security level *baseline*: a namespace that enforces it refuses the pod.
    ///
    /// ## Example
    /// ```yaml
    /// # with `builds: {registry.example.com/shop/api: {builder: buildkit}}` in gocd2argo.yaml
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
    /// Give the image to Kaniko where it needs nothing of BuildKit. Else enforce *privileged* in this namespace, and keep
    /// other pods at *baseline* with an admission policy.
    pub BUILDKIT_UNCONFINED = "buildkit-unconfined", Migration, Warning, Approximated;

    /// The configuration gives a build to BuildKit, and the build asks for something that has no form there.
    ///
    /// ## Why it matters
    /// The build stays behind a command that fails; nothing is left out silently.
    ///
    /// ## Example
    /// ```yaml
    /// # with `builds: {registry.example.com/shop/api: {builder: buildkit}}` in gocd2argo.yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - image:
    ///           tasks:
    ///             - script: |
    ///                 docker build --ssh default --push -t registry.example.com/shop/api:1 .
    /// ```
    ///
    /// ## Instead
    /// Follow the message: for `--ssh` name a Secret in `buildkit.ssh-secret`; put files of secrets into the working directory.
    pub BUILDKIT_UNSUPPORTED = "buildkit-unsupported", Migration, Decision, Decision;
}
