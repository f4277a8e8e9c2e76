//! A repository with one marked text in every place where GoCD allows any text.

/// Every place, by name. The text there is the name, then what is under test.
pub const PLACES: &[&str] = &[
    "url",
    "branch",
    "user",
    "ignore",
    "label",
    "link",
    "envvar",
    "envonly",
    "pipevar",
    "stagevar",
    "jobvar",
    "parameter",
    "approver",
    "role",
    "profile",
    "source",
    "artifact",
    "tab",
    "command",
    "argument",
    "workdir",
    "script",
    "plugin",
    "antfile",
    "anttarget",
    "rakefile",
    "raketarget",
    "nantpath",
    "fetchsource",
    "fetchdest",
    "cancel",
    "upstreamvar",
    "option",
    "pluginid",
    "package",
    "hgurl",
    "svnurl",
    "p4view",
    "agent",
];

/// The repository, with what `text` makes of each place's name. Each is written in double quotes.
pub fn repository(text: impl Fn(&str) -> String) -> String {
    // GoCD reads `#` as the start of a parameter, except in environments and parameters.
    let raw = |place: &str| quoted(&text(place));
    let t = |place: &str| quoted(&text(place).replace('#', "##"));
    let line = |place: &str| quoted(&format!("https://git.example.com/{}", text(place).replace('#', "##")));
    format!(
        "format_version: 10
pipelines:
  app:
    group: apps
    label_template: {label}
    tracking_tool: {{link: {link}, regex: \"x\"}}
    parameters: {{p: {parameter}}}
    environment_variables: {{PIPE: {pipevar}, PARAM: \"#{{p}}\"}}
    materials:
      code: {{git: {url}, branch: {branch}, username: {user}, ignore: [{ignore}], destination: a}}
      hg: {{hg: {hgurl}, destination: b}}
      svn: {{svn: {svnurl}, destination: c}}
      p4: {{p4: \"p4.example.com:1666\", view: {p4view}, destination: d}}
      pkg: {{package: {package}}}
      scm: {{plugin_configuration: {{id: {pluginid}, version: \"1\"}}, options: {{o: {option}}}, destination: e}}
    stages:
      - build:
          environment_variables: {{STAGE: {stagevar}}}
          jobs:
            compile:
              elastic_profile_id: {profile}
              environment_variables: {{JOB: {jobvar}}}
              artifacts: [build: {{source: {source}, destination: {artifact}}}]
              tabs: {{t: {tab}}}
              tasks:
                - exec: {{command: {command}, arguments: [{argument}, -x], working_directory: {workdir}}}
                - script: {script}
                - plugin:
                    configuration: {{id: script-executor, version: \"1\"}}
                    options: {{script: {plugin}}}
                    run_if: any
                - ant: {{build_file: {antfile}, target: {anttarget}}}
                - rake: {{build_file: {rakefile}, target: {raketarget}}}
                - nant: {{nant_path: {nantpath}}}
                - exec: {{command: sleep, on_cancel: {{exec: {{command: {cancel}}}}}}}
      - test:
          approval: {{type: manual, users: [{approver}], roles: [{role}]}}
          tasks:
            - fetch: {{stage: build, job: compile, source: {fetchsource}, destination: {fetchdest}}}
            - exec: {{command: make}}
  down:
    group: apps
    environment_variables: {{DOWN: {upstreamvar}}}
    materials: {{up: {{pipeline: app, stage: test}}}}
    stages: [s: {{tasks: [exec: {{command: make}}]}}]
environments:
  prod:
    environment_variables: {{ENV: {envvar}, ONLY: {envonly}}}
    agents: [{agent}]
    pipelines: [app]
",
        label = quoted(&(written("label", text("label")).replace('#', "##") + "-${COUNT}")),
        link = quoted(&("https://t.example.com/${ID}".to_string() + &text("link").replace('#', "##"))),
        url = line("url"), hgurl = line("hgurl"), svnurl = line("svnurl"), parameter = raw("parameter"),
        envvar = raw("envvar"), envonly = raw("envonly"), approver = raw("approver"), role = raw("role"), agent = raw("agent"),
        branch = t("branch"), user = t("user"), ignore = t("ignore"), pipevar = t("pipevar"), stagevar = t("stagevar"),
        jobvar = t("jobvar"), profile = t("profile"), source = t("source"), artifact = t("artifact"), tab = t("tab"),
        command = t("command"), argument = t("argument"), workdir = t("workdir"), script = t("script"), plugin = t("plugin"),
        antfile = t("antfile"), anttarget = t("anttarget"), rakefile = t("rakefile"), raketarget = t("raketarget"),
        nantpath = t("nantpath"), fetchsource = quoted(&written("fetchsource", text("fetchsource")).replace('#', "##")), fetchdest = t("fetchdest"), cancel = t("cancel"),
        upstreamvar = t("upstreamvar"), option = t("option"), pluginid = t("pluginid"), package = t("package"),
        p4view = t("p4view"),
    )
}

/// The text as it can be written in a place: a label may have no unknown token, and keys of a bucket go through Argo's
/// templates.
pub fn written(place: &str, text: String) -> String {
    match place {
        "label" => text.replace("${", "$_{"),
        "fetchsource" => text.replace('{', "("),
        _ => text,
    }
}

/// A YAML scalar in double quotes, with nothing in it but ASCII.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            c if u32::from(c) < 0x100 => out += &format!("\\x{:02X}", u32::from(c)),
            c if u32::from(c) < 0x10000 => out += &format!("\\u{:04X}", u32::from(c)),
            c => out += &format!("\\U{:08X}", u32::from(c)),
        }
    }
    out + "\""
}
