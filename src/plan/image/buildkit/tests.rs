use super::*;
use crate::finding::Account;
use crate::plan::image::{Form, JobImages, NewForm, TaskText, plan};
use crate::span::{FileId, Place, Span};

const CHOSEN: &str = "builds: {\"r.io/*\": {builder: buildkit}}\n";

fn planned(text: &str, configuration: &str, dockerfile: &str) -> (JobImages, Vec<(&'static str, String)>) {
    let settings = Settings::parse(configuration).unwrap();
    let place = Place::unbooked(Span { file: FileId(0), start: 0, end: 0 });
    let task = TaskText { place, item: place, form: Form::Script(text), directory: "" };
    let mut account = Account::default();
    let variables = BTreeMap::from([("REPO".to_string(), "r.io/shop".to_string())]);
    let secure = BTreeSet::new();
    let files = |path: &str| (path == "Dockerfile" && !dockerfile.is_empty()).then(|| dockerfile.to_string());
    let options = Options {
        cache_repo: settings.kaniko.cache_repository.as_deref(),
        extra_flags: &["--push-retry=3".to_string()],
        buildkit: Some(Choice::of(&settings)),
        ..Options::new(&variables, &secure, &files)
    };
    let images = plan(&[task], &options, &mut account);
    let found = account.findings.iter().map(|finding| (finding.rule.name, finding.message.clone())).collect();
    (images, found)
}

fn script(text: &str, configuration: &str) -> String {
    match &planned(text, configuration, "").0.tasks[0] {
        NewForm::Script(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

fn names(text: &str, configuration: &str, dockerfile: &str) -> Vec<&'static str> {
    planned(text, configuration, dockerfile).1.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn the_build_becomes_a_request_to_buildkit() {
    let text = "docker buildx build -f docker/app.Dockerfile --target prod --build-arg A=1 --build-arg TOKEN \
        --label v=$GO_PIPELINE_LABEL --platform linux/amd64,linux/arm64 --secret id=npm,src=.npmrc \
        --add-host repo:10.0.0.1 --cache-from r.io/api:latest -t r.io/api:1 -t r.io/api:2 --push .\n";
    let configuration =
        format!("{CHOSEN}kaniko: {{cache-repository: per-image}}\nbuildkit: {{flags: [--progress=plain]}}\n");
    let expected = "/gocd-lib/run-in.sh buildkit-1 buildctl-daemonless.sh build \\
  --frontend=dockerfile.v0 \\
  --local=context=/workspace \\
  --local=dockerfile=/workspace/docker \\
  --opt=filename=app.Dockerfile \\
  --opt=build-arg:A=1 \\
  ${TOKEN+--opt=build-arg:TOKEN=\"$TOKEN\"} \\
  --opt=label:v=$GO_PIPELINE_LABEL \\
  --opt=target=prod \\
  --opt=platform=linux/amd64,linux/arm64 \\
  --opt=add-hosts=repo=10.0.0.1 \\
  --secret=id=npm,src=.npmrc \\
  --output=type=image,\\\"name=r.io/api:1,r.io/api:2\\\",push=true \\
  --import-cache=type=registry,ref=r.io/api:latest \\
  --import-cache=type=registry,ref=r.io/api/cache:buildkit \\
  --export-cache=type=registry,ref=r.io/api/cache:buildkit,mode=max \\
  --metadata-file=/gocd/buildkit-1.metadata \\
  --progress=plain
";
    assert_eq!(script(text, &configuration), expected);
    let (images, found) = planned(text, &configuration, "");
    let rules: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
    let expected = ["add-host", "docker-to-buildkit", "buildkit-unconfined", "registry-credentials"];
    assert_eq!(rules, expected, "{found:?}");
    assert!(found[2].1.starts_with("`buildkit-1` runs without seccomp"), "{found:?}");
    assert_eq!(images.builds[0].kind, Kind::Buildkit);
}

#[test]
fn without_the_configuration_it_stays_a_decision_that_names_the_key() {
    let text = "docker build --ssh default -t a .\ndocker tag a $REPO/api:1\ndocker push $REPO/api:1\n";
    let (images, _) = planned(text, "", "");
    assert!(images.builds.is_empty());
    assert!(script(text, "").starts_with("/gocd-lib/needs-decision.sh buildkit-ssh docker build"));
    let with = "builds: {r.io/shop/api: {builder: buildkit}}\nbuildkit: {ssh-secret: key}\n";
    let (images, _) = planned(text, with, "");
    assert_eq!(images.builds[0].kind, Kind::BuildkitSsh);
    assert!(script(text, with).contains("  --ssh=default=/gocd-ssh/ssh-privatekey \\\n"));
    assert!(
        script(text, with).contains("--output=type=image,name=\"r.io/shop/api:1\",push=true")
            || script(text, with).contains("--output=type=image,name=$REPO/api:1,push=true"),
        "{}",
        script(text, with)
    );
}

#[test]
fn what_needs_buildkit_is_found_in_the_dockerfile() {
    let text = "docker build -t r.io/api:1 --push .\n";
    for (dockerfile, rule) in [
        ("FROM a\nRUN --mount=type=secret,id=x cat x\n", "buildkit-secret"),
        ("FROM a\nRUN --mount=type=ssh git clone x\n", "buildkit-ssh"),
        ("FROM a\nRUN --mount=type=cache,target=/x make\n", "buildkit-syntax"),
        ("FROM a\nRUN <<EOF\nmake\nEOF\n", "buildkit-syntax"),
        ("FROM a\nCOPY <<EOF /x\nmake\nEOF\n", "buildkit-syntax"),
        ("FROM a\nADD <<EOF /x\nmake\nEOF\n", "buildkit-syntax"),
        ("# syntax=r.io/frontend:1\nFROM a\n", "buildkit-syntax"),
    ] {
        assert!(names(text, "", dockerfile).contains(&rule), "{dockerfile}");
        let with = names(text, CHOSEN, dockerfile);
        assert!(!with.contains(&rule) && with.contains(&"docker-to-buildkit"), "{dockerfile} {with:?}");
    }
    for harmless in ["# syntax=docker/dockerfile:1\nFROM a\n", "FROM a\n# syntax=r.io/frontend:1\n"] {
        assert!(!names(text, "", harmless).contains(&"buildkit-syntax"), "{harmless}");
    }
}

#[test]
fn variables_of_the_job_reach_the_container_as_secrets() {
    let front = |text: &str| script(text, CHOSEN).lines().next().unwrap().to_string();
    let build =
        |front: &str, secret: &str| format!("{front}docker build --secret {secret} -t r.io/a:1 --push .\n");
    let run = "/gocd-lib/run-in.sh buildkit-1 env";
    let client = "buildctl-daemonless.sh build \\";
    assert_eq!(front(&build("", "id=t,env=TOKEN")), format!("{run} ${{TOKEN+TOKEN=\"$TOKEN\"}} {client}"));
    assert_eq!(front(&build("", "id=TOKEN")), format!("{run} ${{TOKEN+TOKEN=\"$TOKEN\"}} {client}"));
    let set = front(&build("TOKEN=$(cat t) ", "id=TOKEN"));
    assert_eq!(set, format!("TOKEN=$(cat t) {run} TOKEN=$(cat t) {client}"));
}

#[test]
fn what_has_no_form_stays_a_decision() {
    for (options, says) in [
        ("--ssh default", "buildkit.ssh-secret"),
        ("--squash", "no `--squash`"),
        ("--secret id=x,src=/home/go/.npmrc", "`/home/go/.npmrc` of `--secret`"),
        ("--secret id=x,src=~/.npmrc", "of `--secret`"),
        ("--secret id=x,src=$HOME/.npmrc", "of `--secret`"),
        ("--secret id=x,src=../npmrc", "of `--secret`"),
        ("--secret id=x,provider=vault", "is not understood"),
    ] {
        let text = format!("docker build {options} -t r.io/a:1 --push .\n");
        let (images, found) = planned(&text, CHOSEN, "");
        assert!(images.builds.is_empty(), "{options}");
        let said =
            found.iter().any(|(name, message)| *name == "buildkit-unsupported" && message.contains(says));
        assert!(said, "{options} {found:?}");
        assert!(
            script(&text, CHOSEN).contains("needs-decision.sh buildkit-unsupported docker build"),
            "{options}"
        );
        assert!(!found.iter().any(|(name, _)| *name == "buildkit-unconfined"), "{options}");
    }
    let tar = "docker build -t r.io/a:1 --push .\ndocker save -o a.tar r.io/a:1\n";
    assert!(names(tar, CHOSEN, "").contains(&"buildkit-unsupported"));
    let mixed = "docker build -t r.io/a:1 .\ndocker push r.io/a:1\nif [ $X = 1 ]; then docker tag r.io/a:1 r.io/a:2; docker push r.io/a:2; fi\n";
    let images = planned(mixed, CHOSEN, "").0;
    assert_eq!(
        (images.builds.len(), images.copies.len()),
        (1, 1),
        "the second name is a copy in the registry"
    );
    let outside = "docker build -t r.io/a:1 --push /etc\n";
    assert!(names(outside, CHOSEN, "").contains(&"context-outside-repo"));
}

#[test]
fn a_condition_of_the_push_is_asked_at_the_build() {
    let text = "docker build -t r.io/a:1 .\nif [ \"$B\" = main ]; then docker push r.io/a:1; fi\n";
    let expected =
        "  $(if [ \"$B\" = main ]; then echo --output=type=image,name=r.io/a:1,push=true; fi) \\\n";
    assert!(script(text, CHOSEN).contains(expected), "{}", script(text, CHOSEN));
}

#[test]
fn files_that_only_the_shell_knows() {
    let text = "cd \"$DIR\"\ndocker build -f $F -t r.io/a:1 --push .\n";
    let now = script(text, CHOSEN);
    assert!(now.contains("--local=context=\"$PWD\" "), "{now}");
    assert!(now.contains("--local=dockerfile=\"$(dirname \"$(readlink -f $F)\")\""), "{now}");
    assert!(now.contains("--opt=filename=\"$(basename \"$(readlink -f $F)\")\""), "{now}");
    let text = "docker build -t r.io/a:1 --push - < Dockerfile\n";
    let now = script(text, CHOSEN);
    let front = "{ mkdir -p /gocd/buildkit-1.empty && cat > /gocd/buildkit-1.Dockerfile && /gocd-lib/run-in.sh buildkit-1";
    assert!(now.starts_with(front), "{now}");
    assert!(now.contains("--local=dockerfile=/gocd \\\n  --opt=filename=buildkit-1.Dockerfile"), "{now}");
    let text = "docker build -t r.io/a:1 --push https://git.example.com/acme/api.git#v2:sub\n";
    let now = script(text, CHOSEN);
    assert!(now.contains("--opt=context=https://git.example.com/acme/api.git#v2:sub"), "{now}");
    assert!(!now.contains("--local"), "{now}");
}

#[test]
fn other_images_of_the_job_stay_with_kaniko() {
    let text = "docker build -t r.io/a:1 --push a\ndocker build -t other.io/b:1 --push b\n";
    let (images, found) = planned(text, CHOSEN, "");
    let containers: Vec<&str> = images.builds.iter().map(|build| build.container.as_str()).collect();
    assert_eq!(containers, ["buildkit-1", "kaniko-2"]);
    let rules: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
    assert!(rules.contains(&"docker-to-kaniko") && rules.contains(&"docker-to-buildkit"), "{rules:?}");
}
