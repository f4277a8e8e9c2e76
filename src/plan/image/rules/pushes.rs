//! What is said about names, pushes and uses of images.

crate::findings! {
    /// An image is tagged or pushed that this job does not build.
    ///
    /// ## Why it matters
    /// It was in the agent's daemon, from another job or a pull. A pod has no daemon that keeps images.
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
    ///             - exec: {command: docker, arguments: ["push", "registry.example.com/shop/api:1"]}
    /// ```
    ///
    /// ## Instead
    /// Push where the image is built, or copy it from registry to registry with `crane copy`.
    pub PUSH_WITHOUT_BUILD = "push-without-build", Migration, Decision, Decision;

    /// An image is built always and pushed only under a condition.
    ///
    /// ## Why it matters
    /// Kaniko pushes while it builds, so the condition is asked at the build; it reads only variables, which are
    /// the same there.
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
    ///                 if [ "$RELEASE" = yes ]; then
    ///                   docker push registry.example.com/shop/api:1
    ///                 fi
    /// ```
    ///
    /// ## Instead
    /// Nothing.
    pub CONDITIONAL_PUSH = "conditional-push", Migration, Info, Converted;

    /// Whether an image is pushed depends on something that happens after its build.
    ///
    /// ## Why it matters
    /// Kaniko pushes while it builds, so it has to be known before.
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
    ///                 if ./approved.sh; then
    ///                   docker push registry.example.com/shop/api:1
    ///                 fi
    /// ```
    ///
    /// ## Instead
    /// Ask the condition before the build, or move the build to where the push is.
    pub PUSH_CONDITION_UNCLEAR = "push-condition-unclear", Migration, Decision, Decision;

    /// Commands stand between a build and its push.
    ///
    /// ## Why it matters
    /// Kaniko pushes while it builds: the image is public before these commands run, and stays so when they fail.
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
    ///                 make smoke
    ///                 docker push registry.example.com/shop/api:1
    /// ```
    ///
    /// ## Instead
    /// Run the commands before the build if they are a test that the image has to pass.
    pub PUSH_MOVED_EARLIER = "push-moved-earlier", Migration, Warning, Approximated;

    /// An image is run as a test before it is pushed.
    ///
    /// ## Why it matters
    /// Without a daemon an image has to be in a registry before anything can run it; pushing the final tag first
    /// would publish untested images.
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
    ///                 docker run --rm registry.example.com/shop/api:1 bin/test.sh
    ///                 docker push registry.example.com/shop/api:1
    /// ```
    ///
    /// ## Instead
    /// Push a scratch tag, test it, and copy it to the final tag.
    pub PUSHED_BEFORE_TEST = "pushed-before-test", Migration, Decision, Decision;

    /// The name an image is pushed under is computed after its build.
    ///
    /// ## Why it matters
    /// Kaniko needs the name while it builds.
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
    ///                 docker build -t app .
    ///                 STAMP=$(date +%s)
    ///                 docker tag app registry.example.com/shop/api:$STAMP
    ///                 docker push registry.example.com/shop/api:$STAMP
    /// ```
    ///
    /// ## Instead
    /// Compute the name before the build.
    pub NAME_KNOWN_AFTER_BUILD = "name-known-after-build", Migration, Decision, Decision;

    /// The name of an image is computed when the job runs.
    ///
    /// ## Why it matters
    /// The script still computes it and hands it to Kaniko; only reports cannot show it.
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
    ///                 docker build -t registry.example.com/shop/api:$(git describe) .
    ///                 docker push registry.example.com/shop/api:$(git describe)
    /// ```
    ///
    /// ## Instead
    /// Nothing.
    pub COMPUTED_TAG = "computed-tag", Migration, Info, Converted;

    /// A failing push was forgiven.
    ///
    /// ## Why it matters
    /// Build and push are one step now, and a push that fails makes it fail.
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
    ///                 docker push registry.example.com/shop/api:1 || true
    /// ```
    ///
    /// ## Instead
    /// Nothing, unless the push was expected to fail.
    pub IGNORED_FAILURE_LOST = "ignored-failure-lost", Migration, Warning, Approximated;

    /// An image that is never pushed is needed by a later command.
    ///
    /// ## Why it matters
    /// It was in the agent's daemon. A pod has none, so the image has to go through a registry.
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
    ///                 docker build -t test1 .
    ///                 docker run test1
    /// ```
    ///
    /// ## Instead
    /// Push it under a scratch tag and use that reference.
    pub LOCAL_IMAGE_NEEDS_REGISTRY = "local-image-needs-registry", Migration, Decision, Decision;

    /// Files are taken out of an image.
    ///
    /// ## Why it matters
    /// `docker create` and `docker cp` need a daemon.
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
    ///                 docker build -t tmp/bin .
    ///                 docker cp $(docker create tmp/bin):/out/app ./app
    /// ```
    ///
    /// ## Instead
    /// Run the build stage's commands as a task, in the stage's image, or push the image and use `crane export`.
    pub EXTRACT_FROM_IMAGE = "extract-from-image", Migration, Decision, Decision;

    /// An image is written to a file.
    ///
    /// ## Why it matters
    /// Kaniko writes the file while it builds.
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
    ///                 docker build -t local/report .
    ///                 docker save -o report.tar local/report
    /// ```
    ///
    /// ## Instead
    /// Nothing.
    pub IMAGE_AS_TAR = "image-as-tar", Migration, Info, Converted;

    /// An image is written to a file whose place is known only when the job runs.
    ///
    /// ## Why it matters
    /// Kaniko has to be told while it builds.
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
    ///                 docker build -t local/report .
    ///                 docker save local/report | gzip > report.tgz
    /// ```
    ///
    /// ## Instead
    /// Write the file to a fixed place in the workspace with `docker save -o`, and compress it afterwards.
    pub IMAGE_FILE_UNCLEAR = "image-file-unclear", Migration, Decision, Decision;
}
