//! What is said about the words of a build.

crate::findings! {
    /// The context of a build is an archive or an address that Kaniko cannot take.
    ///
    /// ## Why it matters
    /// Kaniko wants a folder, a git repository or an archive at an address it knows.
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
    ///                 tar c app | docker build -t registry.example.com/shop/api:1 -
    /// ```
    ///
    /// ## Instead
    /// Unpack the archive in the workspace and build the folder.
    pub CONTEXT_NOT_UNDERSTOOD = "context-not-understood", Migration, Decision, Decision;

    /// The Dockerfile stands in the script.
    ///
    /// ## Why it matters
    /// It is written to a file before the build, with the script's variables put in as the shell does it.
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
    ///                 docker build -t registry.example.com/shop/api:1 -f - . <<'EOF'
    ///                 FROM nginx:1.27
    ///                 EOF
    /// ```
    ///
    /// ## Instead
    /// Nothing.
    pub DOCKERFILE_FROM_HEREDOC = "dockerfile-from-heredoc", Migration, Info, Converted;

    /// A build reads files outside the pipeline's working directory.
    ///
    /// ## Why it matters
    /// They lay on the agent; the pod has only what the pipeline checks out, fetches and makes.
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
    ///                 docker build -t registry.example.com/shop/api:1 /opt/images/base
    /// ```
    ///
    /// ## Instead
    /// Put the files in a repository or an artifact.
    pub CONTEXT_OUTSIDE_REPO = "context-outside-repo", Migration, Decision, Decision;

    /// A build has an option without a known counterpart.
    ///
    /// ## Why it matters
    /// Leaving it out might build another image.
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
    ///                 docker build --build-context lib=../lib -t registry.example.com/shop/api:1 .
    /// ```
    ///
    /// ## Instead
    /// Remove the option if the image does not need it, or write the Kaniko build by hand.
    pub UNKNOWN_BUILD_OPTION = "unknown-build-option", Migration, Decision, Decision;

    /// BuildKit is asked for.
    ///
    /// ## Why it matters
    /// Kaniko builds without it, and nothing was found that needs it.
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
    ///                 export DOCKER_BUILDKIT=1
    ///                 docker build -t registry.example.com/shop/api:1 .
    /// ```
    ///
    /// ## Instead
    /// Nothing.
    pub BUILDKIT_REQUESTED = "buildkit-requested", Migration, Info, Converted;

    /// The Dockerfile uses syntax that has its full effect only with BuildKit.
    ///
    /// ## Why it matters
    /// The image is built; cache mounts start empty each time.
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
    /// Nothing, unless the build becomes too slow or needs another frontend: then give it to rootless BuildKit, with `builds` in the
    /// configuration.
    pub BUILDKIT_SYNTAX = "buildkit-syntax", Migration, Warning, Approximated;

    /// An `exec` task hands `$NAME` to docker.
    ///
    /// ## Why it matters
    /// `exec` starts programs without a shell, so docker got the dollar sign and the name, and refused them.
    /// Somebody meant the variable's value.
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
    ///             - exec: {command: docker, arguments: ["push", "registry.example.com/shop/api:$GO_PIPELINE_LABEL"]}
    /// ```
    ///
    /// ## Instead
    /// Use a script, or `sh -c`, so that a shell puts the value in.
    pub EXEC_VARIABLE_NOT_EXPANDED = "exec-variable-not-expanded", Correctness, Decision, Decision;

    /// A secret is handed to a build as an argument.
    ///
    /// ## Why it matters
    /// Build arguments stay readable in the image's history.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     secure_variables: {NPM_TOKEN: "AES:c2FsdHNhbHRzYWx0c2FsdA==:ZW5jcnlwdGVkdGV4dA=="}
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - image:
    ///           tasks:
    ///             - script: |
    ///                 docker build --build-arg NPM_TOKEN=$NPM_TOKEN -t registry.example.com/shop/api:1 .
    /// ```
    ///
    /// ## Instead
    /// Use the secret in a task before the build and copy the result into the image.
    pub SECRET_IN_BUILD_ARG = "secret-in-build-arg", Security, Warning, Approximated;

    /// A build runs only under a condition.
    ///
    /// ## Why it matters
    /// The condition stays where it is, in the script.
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
    ///                 if [ "$RELEASE" = yes ]; then
    ///                   docker build -t registry.example.com/shop/api:1 .
    ///                 fi
    /// ```
    ///
    /// ## Instead
    /// Nothing.
    pub CONDITIONAL_BUILD = "conditional-build", Migration, Info, Converted;

    /// Commands run because a build has failed.
    ///
    /// ## Why it matters
    /// A failing Kaniko build ends its pod; what reacts to the failure then needs a place of its own.
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
    ///                 if docker build -t registry.example.com/shop/api:1 .; then
    ///                   docker push registry.example.com/shop/api:1
    ///                 else
    ///                   ./chat.sh broken
    ///                 fi
    /// ```
    ///
    /// ## Instead
    /// A task with `run_if: failed` behind the build, or an exit handler of the workflow.
    pub EXIT_CODE_USED = "exit-code-used", Migration, Decision, Decision;

    /// Something reads what a build prints.
    ///
    /// ## Why it matters
    /// Kaniko prints another log than docker; a program that looks for docker's lines or for an image id finds
    /// neither.
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
    ///                 docker build -t registry.example.com/shop/api:1 . | tee build.log
    /// ```
    ///
    /// ## Instead
    /// Check what the reader looks for.
    pub BUILD_OUTPUT_USED = "build-output-used", Migration, Decision, Decision;

    /// A build runs once for each word of a loop.
    ///
    /// ## Why it matters
    /// One Kaniko container serves all of them in turn and cleans up after each.
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
    ///                 for s in api web; do
    ///                   docker build -t registry.example.com/shop/$s:1 $s
    ///                   docker push registry.example.com/shop/$s:1
    ///                 done
    /// ```
    ///
    /// ## Instead
    /// Split the loop into jobs if the images should be built at the same time.
    pub LOOP_UNROLLED = "loop-unrolled", Migration, Info, Converted;
}
