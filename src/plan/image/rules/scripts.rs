//! What is said about uses of docker that are no builds.

crate::findings! {
    /// The daemon's socket is handed to a container.
    ///
    /// ## Why it matters
    /// Whoever has the socket has the node.
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
    ///                 docker run --rm -v /var/run/docker.sock:/var/run/docker.sock maven:3 mvn deploy
    /// ```
    ///
    /// ## Instead
    /// Find out what the container builds and build that with Kaniko.
    pub DOCKER_SOCKET_MOUNT = "docker-socket-mount", Security, Decision, Decision;

    /// A path of the agent is mounted into a container.
    ///
    /// ## Why it matters
    /// Pods have no agent; what lay there has to come from a Secret, an artifact or a repository.
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
    ///                 docker run --rm -v /home/go/.kube:/kube helm:3 list
    /// ```
    ///
    /// ## Instead
    /// Put the files in a Secret and mount that.
    pub HOST_PATH_MOUNT = "host-path-mount", Security, Decision, Decision;

    /// The daemon is asked about an image.
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
    ///             - script: |
    ///                 docker inspect registry.example.com/shop/api:1
    /// ```
    ///
    /// ## Instead
    /// Ask the registry, for example with `crane config`.
    pub IMAGE_INSPECTED = "image-inspected", Migration, Decision, Decision;

    /// A script is called that is not in the repository at hand, and its call speaks of docker, images or a
    /// registry.
    ///
    /// ## Why it matters
    /// If it uses docker it will fail: the pod has no daemon.
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
    ///             - exec: {command: ./ci/build-docker-image.sh, arguments: []}
    /// ```
    ///
    /// ## Instead
    /// Put it where the converter can read it, or check it by hand.
    pub SCRIPT_NOT_FOUND = "script-not-found", Migration, Decision, Decision;

    /// A script, make target or npm script of the repository uses docker, and its text cannot stand in the task.
    ///
    /// ## Why it matters
    /// It will fail: the pod has no daemon. Scripts are followed six calls deep, and Makefiles as far as they consist of
    /// rules and plain variables; functions, conditions and patterns are make's own.
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
    ///                 make docker-push
    /// ```
    ///
    /// ## Instead
    /// Write its docker commands in the task.
    pub WRAPPER_USES_DOCKER = "wrapper-uses-docker", Migration, Decision, Decision;

    /// Words stand behind the text that `sh -c` runs.
    ///
    /// ## Why it matters
    /// They are `$0`, `$1`, … of the text and are never executed.
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
    ///             - exec: {command: bash, arguments: ["-c", "docker build -t app .", "docker push app"]}
    /// ```
    ///
    /// ## Instead
    /// Join the commands with `&&` in one text.
    pub ARGUMENT_AFTER_COMMAND_STRING = "argument-after-command-string", Correctness, Warning, Approximated;

    /// Whether an image can be pulled decides what else runs.
    ///
    /// ## Why it matters
    /// There is no daemon to pull into, and leaving the pull out would choose one of the ways for good.
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
    ///                 docker pull registry.example.com/shop/base:1 || docker build -t registry.example.com/shop/base:1 base
    /// ```
    ///
    /// ## Instead
    /// Ask the registry, for example with `crane manifest`, or build always: cached layers make it cheap.
    pub PULL_RESULT_USED = "pull-result-used", Migration, Decision, Decision;

    /// Docker is called with a subcommand that it does not have.
    ///
    /// ## Why it matters
    /// It fails today, or a plugin gives it a meaning that nobody can see here. Often a whole command line stands
    /// in one argument of an `exec`.
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
    ///             - exec: {command: docker, arguments: ["build -t app ."]}
    /// ```
    ///
    /// ## Instead
    /// Give each word as an argument of its own.
    pub UNKNOWN_DOCKER_COMMAND = "unknown-docker-command", Migration, Decision, Decision;

    /// A docker command was tried again when it failed.
    ///
    /// ## Why it matters
    /// The request to Kaniko is made once; Kaniko itself can retry the push.
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
    ///                 until docker push registry.example.com/shop/api:1; do sleep 5; done
    /// ```
    ///
    /// ## Instead
    /// Set a retry strategy on the step.
    pub RETRY_LOST = "retry-lost", Migration, Info, Converted;

    /// A program of the repository that is neither shell nor make nor an npm script speaks of docker.
    ///
    /// ## Why it matters
    /// If it uses docker it will fail: the pod has no daemon. Other languages are not read.
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
    ///             - exec: {command: python3, arguments: [ci/images.py]}
    /// ```
    ///
    /// ## Instead
    /// Write its docker commands in the task, as shell.
    pub SCRIPT_NOT_UNDERSTOOD = "script-not-understood", Migration, Decision, Decision;

    /// A job has more than 500 commands that have to do with images.
    ///
    /// ## Why it matters
    /// Which build, tag and push belong together is asked for every pair of them.
    ///
    /// ## Instead
    /// Divide the job, or put the commands in a loop.
    pub TOO_MANY_IMAGE_COMMANDS = "too-many-image-commands", Migration, Decision, Decision;
}
