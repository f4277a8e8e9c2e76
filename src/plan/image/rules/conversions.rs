//! What is said about the words of a build.

crate::findings! {
    /// A build runs in a loop over something that is known only when the job runs.
    ///
    /// ## Why it matters
    /// Which images come out, nobody can say before the job runs, so no builds can be planned and nothing can be
    /// said about what is pushed. The command stays, behind a step that fails until somebody has decided.
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
    ///                 for d in images/*/; do
    ///                   docker build -t registry.example.com/img/$(basename $d):1 $d && docker push registry.example.com/img/$(basename $d):1
    ///                 done
    /// ```
    ///
    /// ## Instead
    /// Write the names out if the list is stable; otherwise a step that prints the list and one build per item.
    pub LOOP_NOT_STATIC = "loop-not-static", Migration, Decision, Decision;

    /// A build stands in a shell function.
    ///
    /// ## Why it matters
    /// The function stays and is called as before; its Kaniko container serves each call.
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
    ///                 image() {
    ///                   docker build -t registry.example.com/fn/$1:1 $1
    ///                   docker push registry.example.com/fn/$1:1
    ///                 }
    ///                 image front
    /// ```
    ///
    /// ## Instead
    /// Nothing.
    pub FUNCTION_INLINED = "function-inlined", Migration, Info, Converted;

    /// A command such as `sudo`, `nice` or `timeout` stands in front of docker.
    ///
    /// ## Why it matters
    /// What it did to docker's client it cannot do to a build in another container; `time` and `timeout` stay in
    /// front of the request.
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
    ///                 timeout 900 docker build -t registry.example.com/shop/api:1 .
    /// ```
    ///
    /// ## Instead
    /// Nothing.
    pub COMMAND_WRAPPER_DROPPED = "command-wrapper-dropped", Migration, Info, Converted;

    /// A docker build became a Kaniko build.
    ///
    /// ## Why it matters
    /// The image is built in a container of the same pod without a docker daemon and without privileges.
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
    /// Nothing.
    pub DOCKER_TO_KANIKO = "docker-to-kaniko", Migration, Info, Converted;

    /// A script of the repository that a task calls builds images, and was read.
    ///
    /// ## Why it matters
    /// The job runs the script's text with its docker commands replaced, with the same arguments, instead of the file.
    /// When the file changes, convert again: the job keeps the old text until then.
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
    ///             - exec: {command: ./ci/build.sh, arguments: []}
    /// ```
    ///
    /// ## Instead
    /// Nothing; or write the docker commands in the task, so that they are seen there.
    pub WRAPPER_FOLLOWED = "wrapper-followed", Migration, Info, Converted;

    /// A make target that a task asks for builds images, and was read.
    ///
    /// ## Why it matters
    /// The job runs the recipes of the target and its prerequisites, one after the other, with their docker commands
    /// replaced, instead of make. When the Makefile changes, convert again.
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
    ///             - exec: {command: make, arguments: [docker-push]}
    /// ```
    ///
    /// ## Instead
    /// Nothing; or write the docker commands in the task, so that they are seen there.
    pub MAKE_FOLLOWED = "make-followed", Migration, Info, Converted;

    /// An image is built in one job and pushed by another one.
    ///
    /// ## Why it matters
    /// In GoCD that worked when both met the same agent. Here the build pushes the image itself, so it is published before
    /// what stands between the two jobs.
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
    ///             - exec: {command: docker, arguments: [build, -t, "registry.example.com/shop/api:1", .]}
    ///       - push:
    ///           tasks:
    ///             - exec: {command: docker, arguments: [push, "registry.example.com/shop/api:1"]}
    /// ```
    ///
    /// ## Instead
    /// Remove the job that pushes, if nothing else is in it.
    pub BUILD_AND_PUSH_JOINED = "build-and-push-joined", Migration, Warning, Approximated;

    /// An image is built in one stage and pushed in a later one that a person starts.
    ///
    /// ## Why it matters
    /// Kaniko pushes with the build. That would publish the image before anybody has approved it.
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
    ///             - exec: {command: docker, arguments: [build, -t, "registry.example.com/shop/api:1", .]}
    ///       - release:
    ///           approval: {type: manual, allow_only_on_success: true}
    ///           tasks:
    ///             - exec: {command: docker, arguments: [push, "registry.example.com/shop/api:1"]}
    /// ```
    ///
    /// ## Instead
    /// Push under a scratch tag when it is built, and copy it to the final one with `crane copy` after the approval.
    pub PUSH_BEHIND_APPROVAL = "push-behind-approval", Migration, Decision, Decision;

    /// A job with several instances builds an image.
    ///
    /// ## Why it matters
    /// Each instance builds it and pushes the same names; the last one wins.
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
    ///           run_instances: 2
    ///           tasks:
    ///             - script: |
    ///                 docker build -t registry.example.com/shop/api:1 .
    ///                 docker push registry.example.com/shop/api:1
    /// ```
    ///
    /// ## Instead
    /// Build it in a job of its own, or write `$GO_JOB_RUN_INDEX` in its tag.
    pub RUN_INSTANCES_BUILD = "run-instances-build", Correctness, Warning, Converted;

    /// Images are built as a compose file says.
    ///
    /// ## Why it matters
    /// Each service with `build` and `image` is one Kaniko build.
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
    ///                 docker compose build api
    ///                 docker compose push api
    /// ```
    ///
    /// ## Instead
    /// Nothing.
    pub COMPOSE_FOLLOWED = "compose-followed", Migration, Info, Converted;
}
