//! What is said about images that a script runs.

crate::findings! {
    /// An image that a script runs became a container of the job's pod.
    ///
    /// ## Why it matters
    /// There is no daemon. The container waits beside the job's own one until the script asks it to run the command, with the
    /// same words, environment, mounted folders and exit status. Its files are the same for all commands that run in it.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - test:
    ///           tasks:
    ///             - script: |
    ///                 docker run --rm -v $PWD:/app -w /app node:20 npm test
    /// ```
    ///
    /// ## Instead
    /// Nothing; a job that only runs one image can also have it as its own, by `images` in gocd2argo.yaml.
    pub CONTAINER_STEP = "container-step", Migration, Info, Converted;

    /// A container asks for rights on the node.
    ///
    /// ## Why it matters
    /// No pod of the output is privileged, adds capabilities, or sees devices or processes of the node.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - test:
    ///           tasks:
    ///             - script: |
    ///                 docker run --privileged registry.example.com/tools/kernel-test:3
    /// ```
    ///
    /// ## Instead
    /// Do without the right, or run this job on machines outside of the cluster.
    pub PRIVILEGED_CONTAINER = "privileged-container", Security, Decision, Decision;

    /// A container uses a named volume of the daemon.
    ///
    /// ## Why it matters
    /// Docker kept it from run to run. Here it is a folder of the pod: empty at the start, gone at the end.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - test:
    ///           tasks:
    ///             - script: |
    ///                 docker run --rm -v $PWD:/app -v maven:/root/.m2 -w /app maven:3 mvn test
    /// ```
    ///
    /// ## Instead
    /// Nothing, when it was a cache. Else publish the files as an artifact.
    pub NAMED_VOLUME = "named-volume", Migration, Warning, Approximated;

    /// Two containers listen on the same port.
    ///
    /// ## Why it matters
    /// All containers of a pod share one network, so a port can be used once: here two services of the compose file
    /// have the port 5432 in them.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - test:
    ///           tasks:
    ///             - script: |
    ///                 docker compose up -d
    ///                 make test
    /// ```
    ///
    /// ## Instead
    /// Tell one of them to listen on another port, and the tests to use it.
    pub PORT_CLASH = "port-clash", Migration, Decision, Decision;

    /// Services of a compose file became containers of the job's pod.
    ///
    /// ## Why it matters
    /// They start when the script asks for them, after what they depend on, and share the pod's network: the tests reach them at
    /// `localhost` and by the services' names. Where the file has a health check, the script waits for it.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   api:
    ///     group: shop
    ///     materials: {code: {git: "https://git.example.com/acme/api.git"}}
    ///     stages:
    ///       - test:
    ///           tasks:
    ///             - script: |
    ///                 docker compose up -d db
    ///                 make test
    /// ```
    ///
    /// ## Instead
    /// Nothing.
    pub COMPOSE_SERVICES = "compose-services", Migration, Info, Converted;
}
