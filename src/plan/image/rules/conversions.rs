//! What is said about the words of a build.

crate::findings! {
    /// A build runs in a loop over something that is known only when the job runs.
    ///
    /// ## Why it matters
    /// The loop stays and one Kaniko container serves it, cleaning up after each build; which images come out,
    /// nobody can say before.
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
    /// Write the names out if the list is stable.
    pub LOOP_NOT_STATIC = "loop-not-static", Migration, Warning, Approximated;

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
