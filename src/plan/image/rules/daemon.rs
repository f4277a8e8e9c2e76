//! What is said about uses of docker that are no builds.

crate::findings! {
    /// A docker command never runs.
    ///
    /// ## Why it matters
    /// It stands behind `if false`.
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
    ///                 if false; then
    ///                   docker build -t old .
    ///                 fi
    /// ```
    ///
    /// ## Instead
    /// Remove it.
    pub DEAD_CODE = "dead-code", Correctness, Warning, Converted;

    /// A command with docker in it cannot be read.
    ///
    /// ## Why it matters
    /// The shell's grammar finds an error there, or the text is nested too deeply.
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
    ///                 docker build -t "x .
    /// ```
    ///
    /// ## Instead
    /// Repair or simplify the command.
    pub SHELL_NOT_UNDERSTOOD = "shell-not-understood", Migration, Decision, Decision;

    /// A remote daemon is named.
    ///
    /// ## Why it matters
    /// Kaniko builds in the pod.
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
    ///                 docker -H tcp://dind:2375 build -t registry.example.com/shop/api:1 .
    ///                 docker push registry.example.com/shop/api:1
    /// ```
    ///
    /// ## Instead
    /// Remove the daemon when nothing else uses it.
    pub DOCKER_HOST_DROPPED = "docker-host-dropped", Migration, Info, Converted;

    /// A command cleans up, sets up or asks the daemon.
    ///
    /// ## Why it matters
    /// There is no daemon, so nothing is left to do.
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
    ///                 docker system prune -af
    /// ```
    ///
    /// ## Instead
    /// Nothing.
    pub DOCKER_NOOP_REMOVED = "docker-noop-removed", Migration, Info, Converted;

    /// A container runs across several commands.
    ///
    /// ## Why it matters
    /// It lived in the agent's daemon. Starting, asking and stopping it is converted; this use of it is not.
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
    ///                 docker run -d --name tests registry.example.com/shop/tests:3
    ///                 docker cp tests:/out/report.html report.html
    /// ```
    ///
    /// ## Instead
    /// Let the container write to a mounted folder of the workspace, instead of copying out of it.
    pub BACKGROUND_CONTAINER = "background-container", Migration, Decision, Decision;

    /// An image is made of a running container.
    ///
    /// ## Why it matters
    /// That needs a daemon, and nobody can tell how the image came about.
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
    ///                 docker commit c registry.example.com/shop/api:1
    /// ```
    ///
    /// ## Instead
    /// Write a Dockerfile that does the same.
    pub IMAGE_COMMIT = "image-commit", Migration, Decision, Decision;

    /// Images are built as a bake file describes.
    ///
    /// ## Why it matters
    /// Bake files are not read.
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
    ///                 docker buildx bake --push release
    /// ```
    ///
    /// ## Instead
    /// Write one `docker build` per target.
    pub BAKE_FILE = "bake-file", Migration, Decision, Decision;

    /// Compose runs services.
    ///
    /// ## Why it matters
    /// That needs a daemon. In a pod the services are sidecars.
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
    ///                 docker-compose up -d db
    ///                 make test
    ///                 docker-compose down
    /// ```
    ///
    /// ## Instead
    /// Declare each service as a sidecar of the job, with its ports and environment.
    pub COMPOSE_UP = "compose-up", Migration, Decision, Decision;

    /// Compose builds or pushes images.
    ///
    /// ## Why it matters
    /// Which images, stands in the compose file.
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
    ///                 docker-compose build
    ///                 docker-compose push
    /// ```
    ///
    /// ## Instead
    /// Write one `docker build` and `docker push` per service.
    pub COMPOSE_BUILD = "compose-build", Migration, Decision, Decision;

    /// A build tool needs a docker daemon.
    ///
    /// ## Why it matters
    /// There is none in the pod.
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
    ///             - exec: {command: mvn, arguments: ["-B", "compile", "jib:dockerBuild"]}
    /// ```
    ///
    /// ## Instead
    /// Use the tool's way of pushing without a daemon, such as `jib:build`.
    pub DAEMON_NEEDED = "daemon-needed", Migration, Decision, Decision;

    /// A text with docker commands is handed to another shell.
    ///
    /// ## Why it matters
    /// It is not rewritten, since nobody can be sure what the other shell makes of it.
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
    ///                 su ci -c 'docker build -t app .'
    /// ```
    ///
    /// ## Instead
    /// Write the commands in the script itself.
    pub SHELL_TEXT_WITH_DOCKER = "shell-text-with-docker", Migration, Decision, Decision;

    /// An image is run in a way that has no counterpart.
    ///
    /// ## Why it matters
    /// A container of the pod would do something else.
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
    ///                 docker run --rm --volumes-from data node:20 npm test
    /// ```
    ///
    /// ## Instead
    /// Make it a job that runs in that image, or leave the option away that the finding names.
    pub DOCKER_RUN = "docker-run", Migration, Decision, Decision;
}
